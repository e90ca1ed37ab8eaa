import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfiguration } from '../src/configuration.js';
import { ConfigurationError } from '../src/configuration-error.js';

// Without it, a temporal.toml of whoever runs the tests would be read.
const NO_FILE = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };

test('has a default for everything, and takes an empty variable as not set', () => {
  assert.deepEqual(
    readConfiguration({ ...NO_FILE, TEMPORAL_ADDRESS: '', GANTRY_LOG: '', TEMPORAL_WORKER_BUILD_ID: '' }),
    {
      address: 'localhost:7233',
      namespace: 'default',
      connection: { address: 'localhost:7233', apiKey: undefined, tls: undefined, metadata: undefined },
      adminListen: { host: '127.0.0.1', port: 9606 },
      graceSeconds: 10,
      logLevel: 'INFO',
      logFormat: 'text',
      deployment: undefined,
      codecKeys: undefined,
      tracing: undefined,
    },
  );
});

test('takes what is set', () => {
  const { address, namespace, connection, ...rest } = readConfiguration({
    ...NO_FILE,
    TEMPORAL_ADDRESS: 'temporal.example:443',
    TEMPORAL_NAMESPACE: 'team',
    TEMPORAL_API_KEY: 'key',
    GANTRY_ADMIN_LISTEN: '[::1]:0',
    GANTRY_GRACE_SECONDS: '2.5',
    GANTRY_LOG: 'Debug',
    GANTRY_LOG_FORMAT: 'json',
    TEMPORAL_DEPLOYMENT_NAME: 'gantry',
    TEMPORAL_WORKER_BUILD_ID: 'v1',
  });
  assert.deepEqual(
    [address, namespace, connection.apiKey, connection.tls],
    ['temporal.example:443', 'team', 'key', true],
  );
  assert.deepEqual(rest, {
    adminListen: { host: '::1', port: 0 },
    graceSeconds: 2.5,
    logLevel: 'DEBUG',
    logFormat: 'json',
    deployment: {
      version: { deploymentName: 'gantry', buildId: 'v1' },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
    codecKeys: undefined,
    tracing: undefined,
  });
});

test('is unversioned unless name and build id are both set', () => {
  assert.equal(readConfiguration({ ...NO_FILE, TEMPORAL_DEPLOYMENT_NAME: 'gantry' }).deployment, undefined);
  assert.equal(readConfiguration({ ...NO_FILE, TEMPORAL_WORKER_BUILD_ID: 'v1' }).deployment, undefined);
});

test('reads temporal.toml', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'configuration-'));
  const TEMPORAL_CONFIG_FILE = join(folder, 'temporal.toml');
  const read = () => readConfiguration({ TEMPORAL_CONFIG_FILE });
  try {
    await writeFile(TEMPORAL_CONFIG_FILE, '[profile.default]\naddress = "from.file:7233"\nnamespace = "filed"\n');
    assert.deepEqual([read().address, read().namespace], ['from.file:7233', 'filed']);
    await writeFile(TEMPORAL_CONFIG_FILE, '[profile.default]\naddress = "http://from.file"\n');
    assert.throws(read, /^Error: address in temporal.toml is "http:\/\/from.file"; expected host:port/u);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('takes the overall level of a filter for the Rust workers', () => {
  const level = (filter: string) => readConfiguration({ ...NO_FILE, GANTRY_LOG: filter }).logLevel;
  assert.equal(level('debug,heavy_compute=trace'), 'DEBUG');
  assert.equal(level('heavy_compute=trace'), 'INFO');
});

for (const [variable, value, message] of [
  ['GANTRY_LOG', 'loud', 'GANTRY_LOG is "loud"; expected one of trace, debug, info, warn, error'],
  ['GANTRY_LOG_FORMAT', 'xml', 'GANTRY_LOG_FORMAT is "xml"; expected one of text, json'],
  ['GANTRY_GRACE_SECONDS', '-1', 'GANTRY_GRACE_SECONDS is "-1"; expected a number of seconds from 0 to 86400'],
  ['GANTRY_ADMIN_LISTEN', '9606', 'GANTRY_ADMIN_LISTEN is "9606"; expected host:port, for example 127.0.0.1:9606'],
  [
    'GANTRY_ADMIN_LISTEN',
    'a:65536',
    'GANTRY_ADMIN_LISTEN is "a:65536"; expected host:port, for example 127.0.0.1:9606',
  ],
  [
    'TEMPORAL_ADDRESS',
    'http://a:1',
    'TEMPORAL_ADDRESS is "http://a:1"; expected host:port without a scheme, for example localhost:7233',
  ],
  ['TEMPORAL_TLS', 'yes', 'TEMPORAL_TLS is "yes"; expected one of true, false, 1, 0'],
  [
    'TEMPORAL_PROFILE',
    'nope',
    "the connection settings (TEMPORAL_*, temporal.toml) cannot be used: Profile 'nope' not found in config data",
  ],
] as const) {
  test(`refuses ${variable}=${value} in one line`, () => {
    assert.throws(
      () => readConfiguration({ ...NO_FILE, [variable]: value }),
      (error) => error instanceof ConfigurationError && error.message === message,
    );
  });
}
