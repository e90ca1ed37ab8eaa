import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { readConfiguration } from '../src/configuration.js';
import { ConfigurationError } from '../src/configuration-error.js';
import { selfSigned } from './support/certificate.js';

const authority = selfSigned('authority');
const client = selfSigned('client');

let folder: string;
let paths: Record<'authority' | 'cert' | 'key' | 'text' | 'folder' | 'missing' | 'toml', string>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connection-settings-'));
  const path = (name: string) => join(folder, name);
  paths = {
    authority: path('ca.pem'),
    cert: path('client.pem'),
    key: path('client.key'),
    text: path('text'),
    folder: path('folder'),
    missing: path('missing'),
    toml: path('temporal.toml'),
  };
  await mkdir(paths.folder);
  await writeFile(paths.authority, authority.cert);
  await writeFile(paths.cert, client.cert);
  await writeFile(paths.key, client.key);
  await writeFile(paths.text, 'no certificate');
});

after(() => rm(folder, { recursive: true }));

function connectionWith(variables: Record<string, string>): NativeConnectionOptions {
  const file = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };
  return readConfiguration({ ...file, TEMPORAL_ADDRESS: 'temporal.example:7233', ...variables }).connection;
}

/** The TLS options with texts for bytes. */
function tlsWith(variables: Record<string, string>): unknown {
  const { tls } = connectionWith(variables);
  if (typeof tls !== 'object' || tls === null) return tls;
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair: pair } = tls;
  return {
    ...(serverNameOverride !== undefined && { serverName: serverNameOverride }),
    ...(ca !== undefined && { ca: Buffer.from(ca).toString() }),
    ...(pair !== undefined && { cert: Buffer.from(pair.crt).toString(), key: Buffer.from(pair.key).toString() }),
  };
}

function refusal(variables: Record<string, string>): string {
  try {
    connectionWith(variables);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    assert.ok(!error.message.includes('\n'), error.message);
    return error.message;
  }
  assert.fail('it was taken');
}

test('TLS is on when it is asked for, or when something is said about it', () => {
  assert.equal(tlsWith({}), undefined);
  assert.deepEqual(tlsWith({ TEMPORAL_TLS: 'true' }), {});
  assert.deepEqual(tlsWith({ TEMPORAL_TLS: '1' }), {});
  assert.deepEqual(tlsWith({ TEMPORAL_TLS_SERVER_NAME: 'other.example' }), { serverName: 'other.example' });
  assert.equal(tlsWith({ TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_NAME: 'other.example' }), false);
});

test('an API key travels, by TLS', () => {
  const { apiKey, tls } = connectionWith({ TEMPORAL_API_KEY: 'token' });
  assert.deepEqual([apiKey, tls], ['token', true]);
});

test('authority and client pair arrive, from files and as they are', () => {
  const expected = { ca: authority.cert, ...client };
  assert.deepEqual(
    tlsWith({
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: paths.authority,
      TEMPORAL_TLS_CLIENT_CERT_PATH: paths.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: paths.key,
    }),
    expected,
  );
  assert.deepEqual(
    tlsWith({
      TEMPORAL_TLS_SERVER_CA_CERT_DATA: authority.cert,
      TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert,
      TEMPORAL_TLS_CLIENT_KEY_DATA: client.key,
    }),
    expected,
  );
});

test('headers arrive', () => {
  assert.deepEqual(connectionWith({ TEMPORAL_GRPC_META_TENANT: 'acme' }).metadata, { tenant: 'acme' });
});

test('a host that is not verified is refused, wherever it is said', async () => {
  const refused =
    'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION (disable_host_verification in temporal.toml) is not supported: name the ' +
    'authority that signed the server’s certificate in TEMPORAL_TLS_SERVER_CA_CERT_PATH, and the name in that ' +
    'certificate in TEMPORAL_TLS_SERVER_NAME';
  for (const word of ['true', '1']) {
    assert.equal(refusal({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: word }), refused);
  }
  await writeFile(paths.toml, '[profile.default.tls]\ndisable_host_verification = true\n');
  assert.equal(refusal({ TEMPORAL_CONFIG_FILE: paths.toml }), refused);
  assert.deepEqual(tlsWith({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'false' }), {});
  assert.equal(
    refusal({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'yes' }),
    'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is "yes"; expected one of true, false, 1, 0',
  );
});

test('a file that cannot be read is named', () => {
  const pair = { TEMPORAL_TLS_CLIENT_CERT_PATH: paths.cert, TEMPORAL_TLS_CLIENT_KEY_PATH: paths.key };
  for (const name of ['SERVER_CA_CERT', 'CLIENT_CERT', 'CLIENT_KEY'].map((part) => `TEMPORAL_TLS_${part}_PATH`)) {
    for (const [path, code] of [
      [paths.missing, 'ENOENT'],
      [paths.folder, 'EISDIR'],
    ] as const) {
      assert.equal(
        refusal({ ...pair, [name]: path }),
        `${name} (or temporal.toml) names the file ${path}, which cannot be read (${code})`,
      );
    }
  }
});

test('a file and a value for the same thing are refused', () => {
  assert.equal(
    refusal({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: paths.authority, TEMPORAL_TLS_SERVER_CA_CERT_DATA: authority.cert }),
    'the connection settings (TEMPORAL_*, temporal.toml) cannot be used: Cannot specify both server_ca_cert_path and server_ca_cert_data',
  );
});

test('half of a client pair is refused', () => {
  assert.equal(
    refusal({ TEMPORAL_TLS_CLIENT_CERT_PATH: paths.cert }),
    'TEMPORAL_TLS_CLIENT_CERT_PATH or _DATA is set without TEMPORAL_TLS_CLIENT_KEY_PATH or _DATA: a client proves itself with both',
  );
  assert.equal(
    refusal({ TEMPORAL_TLS_CLIENT_KEY_DATA: client.key }),
    'TEMPORAL_TLS_CLIENT_KEY_PATH or _DATA is set without TEMPORAL_TLS_CLIENT_CERT_PATH or _DATA: a client proves itself with both',
  );
});

test('what is no certificate or no key of it is refused, and not shown', () => {
  assert.match(
    refusal({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: paths.text }),
    /^TEMPORAL_TLS_SERVER_CA_CERT_PATH or _DATA cannot be used, PEM is expected: .*no start line$/u,
  );
  const stranger = selfSigned('stranger');
  for (const key of [stranger.key, client.cert, 'no key']) {
    const message = refusal({ TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: key });
    assert.match(
      message,
      /^the pair of TEMPORAL_TLS_CLIENT_CERT_PATH or _DATA and TEMPORAL_TLS_CLIENT_KEY_PATH or _DATA cannot be used, PEM is expected: /u,
    );
    assert.ok(!message.includes('BEGIN') && !message.includes('no key'), message);
  }
});
