import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigurationError } from '../src/configuration-error.js';
import { tracingSettings } from '../src/tracing-settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('tracing is on when there is an endpoint, and off when OpenTelemetry is told so', () => {
  assert.deepEqual(tracingSettings(ENDPOINT), { sampler: {}, tls: {} });
  assert.ok(tracingSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/traces' }));
  assert.ok(tracingSettings({ ...ENDPOINT, OTEL_SDK_DISABLED: 'false', OTEL_TRACES_EXPORTER: 'otlp' }));
  assert.equal(tracingSettings({}), undefined);
  assert.equal(tracingSettings({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_EXPORTER: 'console' }), undefined);
  assert.equal(tracingSettings({ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }), undefined);
  assert.equal(tracingSettings({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }), undefined);
});

test('takes sampler and certificates, those for traces before those for all signals', async () => {
  const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  const folder = await mkdtemp(join(tmpdir(), 'tracing-settings-'));
  const [ca, own, key] = [join(folder, 'ca'), join(folder, 'own'), join(folder, 'key')];
  try {
    for (const path of [ca, own, key]) await writeFile(path, path);
    const settings = tracingSettings({
      ...ENDPOINT,
      ...sampler,
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nonexistent',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: ca,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: own,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
    });
    assert.deepEqual(settings, {
      sampler,
      tls: { ca: Buffer.from(ca), cert: Buffer.from(own), key: Buffer.from(key) },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const [variable, value, message] of [
  [
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'collector:4318',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no http or https URL; expected for example http://localhost:4318',
  ],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; expected one of http/protobuf'],
  ['OTEL_TRACES_EXPORTER', 'zipkin', 'OTEL_TRACES_EXPORTER is "zipkin"; expected one of otlp, none'],
  [
    'OTEL_TRACES_SAMPLER',
    'sometimes',
    'OTEL_TRACES_SAMPLER is "sometimes"; expected one of always_on, parentbased_always_on, always_off, parentbased_always_off, traceidratio, parentbased_traceidratio',
  ],
  ['OTEL_TRACES_SAMPLER_ARG', '2', 'OTEL_TRACES_SAMPLER_ARG is "2"; expected a number from 0 to 1'],
  [
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    '/nonexistent/ca',
    'OTEL_EXPORTER_OTLP_CERTIFICATE names the file /nonexistent/ca, which cannot be read (ENOENT)',
  ],
] as const) {
  test(`refuses ${variable}=${value} in one line`, () => {
    assert.throws(
      () => tracingSettings({ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', [variable]: value }),
      (error) => error instanceof ConfigurationError && error.message === message,
    );
  });
}
