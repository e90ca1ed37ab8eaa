import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { type CodecKeys, codecKeys } from './codec-keys.js';
import { oneOf, wrong } from './configuration-error.js';
import { type ConnectionSettings, connectionSettings, hostAndPort } from './connection-settings.js';
import { WORKFLOWS_ADMIN_PORT } from './contracts/names.js';
import { type TracingSettings, tracingSettings } from './tracing-settings.js';

type Environment = Readonly<Partial<Record<string, string>>>;

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
const FORMATS = ['text', 'json'] as const;
const LONGEST_GRACE_SECONDS = 86_400;

/** Host and port to listen on; port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Everything the worker can be told, checked. */
export interface Configuration extends ConnectionSettings {
  readonly adminListen: ListenAddress;
  readonly graceSeconds: number;
  readonly logLevel: (typeof LEVELS)[number];
  readonly logFormat: (typeof FORMATS)[number];
  readonly deployment: WorkerDeploymentOptions | undefined;
  /** Undefined when payloads travel in the clear. */
  readonly codecKeys: CodecKeys | undefined;
  /** Undefined when nobody collects spans. */
  readonly tracing: TracingSettings | undefined;
}

/** Reads and checks the configuration, once, at start. */
export function readConfiguration(environment: Environment): Configuration {
  // An empty variable is how a container or a unit file says "not set".
  const set = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
  const keys = set['GANTRY_CODEC_KEYS'];
  return {
    ...connectionSettings(set),
    adminListen: listenAddress(
      'GANTRY_ADMIN_LISTEN',
      set['GANTRY_ADMIN_LISTEN'] ?? `127.0.0.1:${WORKFLOWS_ADMIN_PORT}`,
    ),
    graceSeconds: seconds('GANTRY_GRACE_SECONDS', set['GANTRY_GRACE_SECONDS'] ?? '10'),
    logLevel: oneOf('GANTRY_LOG', overallLevel(set['GANTRY_LOG'] ?? 'info'), LEVELS),
    logFormat: oneOf('GANTRY_LOG_FORMAT', set['GANTRY_LOG_FORMAT']?.toLowerCase() ?? 'text', FORMATS),
    deployment: deployment(set['TEMPORAL_DEPLOYMENT_NAME'], set['TEMPORAL_WORKER_BUILD_ID']),
    codecKeys: keys === undefined ? undefined : codecKeys(keys, set),
    tracing: tracingSettings(set),
  };
}

/** The Rust workers' filters, such as `info,heavy_compute=debug`, hold for us as far as they name no target. */
function overallLevel(filter: string): string {
  const overall = filter.split(',').find((part) => !part.includes('='));
  return (overall ?? 'info').toUpperCase();
}

function deployment(deploymentName?: string, buildId?: string): WorkerDeploymentOptions | undefined {
  if (deploymentName === undefined || buildId === undefined) return undefined;
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    // A pinned run needs its old worker until it ends, and a host that restarts its services keeps no old worker. Runs
    // move on instead; that new code can go on with them is what the replay tests prove.
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}

function listenAddress(name: string, value: string): ListenAddress {
  const address = hostAndPort(value);
  if (address === undefined) throw wrong(name, value, 'host:port, for example 127.0.0.1:9606');
  return address;
}

function seconds(name: string, value: string): number {
  if (!/^\d+(?:\.\d+)?$/u.test(value) || Number(value) > LONGEST_GRACE_SECONDS) {
    throw wrong(name, value, `a number of seconds from 0 to ${LONGEST_GRACE_SECONDS}`);
  }
  return Number(value);
}
