import { ConfigurationError, oneOf, readNamed, wrong } from './configuration-error.js';

/**
 * Of OpenTelemetry's variables those that its packages do not read by themselves: its exporter knows no certificates
 * and one protocol only, and the sampler has to be told to the workflows' sandbox, which has no environment.
 */
export interface TracingSettings {
  /** Variables about the sampler, for the sandbox. */
  readonly sampler: Readonly<Record<string, string>>;
  /** How a collector behind TLS proves itself, and we to it. */
  readonly tls: Readonly<Partial<Record<'ca' | 'cert' | 'key', Buffer>>>;
}

const OTLP = 'OTEL_EXPORTER_OTLP_';
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`]);

/** Undefined when tracing is off: there is no endpoint, or one of OpenTelemetry's switches says so. */
export function tracingSettings(set: Record<string, string>): TracingSettings | undefined {
  /** The name of the variable that holds: what is set for traces alone goes before what is set for all signals. */
  const named = (name: string): string => (set[`${OTLP}TRACES_${name}`] ? `${OTLP}TRACES_${name}` : OTLP + name);
  const endpoint = set[named('ENDPOINT')];
  if (endpoint === undefined || set['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const exporter = oneOf('OTEL_TRACES_EXPORTER', set['OTEL_TRACES_EXPORTER'] ?? 'otlp', ['otlp', 'none']);
  if (exporter === 'none') return undefined;
  checkEndpoint(named('ENDPOINT'), endpoint);
  oneOf(named('PROTOCOL'), set[named('PROTOCOL')] ?? 'http/protobuf', ['http/protobuf']);
  return {
    sampler: sampler(set),
    tls: {
      ...file('ca', named('CERTIFICATE'), set),
      ...file('cert', named('CLIENT_CERTIFICATE'), set),
      ...file('key', named('CLIENT_KEY'), set),
    },
  };
}

function checkEndpoint(name: string, value: string): void {
  // The value may hold a password, which has no business in a message.
  if (!URL.canParse(value) || !/^https?:$/u.test(new URL(value).protocol)) {
    throw new ConfigurationError(`${name} is no http or https URL; expected for example http://localhost:4318`);
  }
}

function sampler(set: Record<string, string>): Record<string, string> {
  const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio } = set;
  if (name === undefined) return {};
  oneOf('OTEL_TRACES_SAMPLER', name, SAMPLERS);
  if (ratio === undefined) return { OTEL_TRACES_SAMPLER: name };
  if (!(Number(ratio) >= 0 && Number(ratio) <= 1)) {
    throw wrong('OTEL_TRACES_SAMPLER_ARG', ratio, 'a number from 0 to 1');
  }
  return { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio };
}

function file<K extends string>(key: K, name: string, set: Record<string, string>): Partial<Record<K, Buffer>> {
  const path = set[name];
  return path === undefined ? {} : ({ [key]: readNamed(name, path) } as Record<K, Buffer>);
}
