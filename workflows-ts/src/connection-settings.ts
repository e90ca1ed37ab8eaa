import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ClientConfigProfile, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { tomlLoadClientConfigProfile } from '@temporalio/envconfig/lib/envconfig-toml.js';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ConfigurationError, firstLineOf, oneOf, readNamed, wrong } from './configuration-error.js';

/** Where the server is, and how to talk to it. */
export interface ConnectionSettings {
  readonly address: string;
  readonly namespace: string;
  readonly connection: NativeConnectionOptions;
}

const SWITCHES = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];
const HOST_AND_PORT = /^(?<host>\[[0-9a-f:.]+\]|[^:/\s[\]]+):(?<port>\d{1,5})$/iu;
const HOST_ALONE = /^(?:\[[0-9a-f:.]+\]|[^:/\s[\]]+)$/iu;

/** Reads what every Temporal SDK reads: the TEMPORAL_* variables and temporal.toml. */
export function connectionSettings(set: Record<string, string>): ConnectionSettings {
  for (const name of SWITCHES) {
    // The SDK takes every other word for false; "yes" would mean a connection in the clear.
    if (set[name] !== undefined) oneOf(name, set[name], ['true', 'false', '1', '0']);
  }
  const profile = usable(() => loadClientConfigProfile({ overrideEnvVars: set }));
  refuseUnverifiedHost(set);
  refuseHalfAPair(profile);
  readFiles(profile);
  const { connectionOptions, namespace } = usable(() => toClientOptions(profile));
  checkCertificates(connectionOptions.tls);
  const address = connectionOptions.address ?? 'localhost:7233';
  checkAddress(set['TEMPORAL_ADDRESS'] === undefined ? 'address in temporal.toml' : 'TEMPORAL_ADDRESS', address);
  return { address, namespace: namespace ?? 'default', connection: { ...connectionOptions, address } };
}

/** Host and port of `value`; nothing if it is something else. */
export function hostAndPort(value: string): { host: string; port: number } | undefined {
  const { host, port } = HOST_AND_PORT.exec(value)?.groups ?? {};
  if (host === undefined || Number(port) > 65535) return undefined;
  return { host: host.replace(/^\[|\]$/gu, ''), port: Number(port) };
}

function checkAddress(name: string, value: string): void {
  const port = hostAndPort(value)?.port ?? (HOST_ALONE.test(value) ? 1 : 0);
  if (port < 1) throw wrong(name, value, 'host:port without a scheme, for example localhost:7233');
}

// The SDK reads this setting and forgets it. Whoever sets it shall learn that here, not from a refused certificate.
function refuseUnverifiedHost(set: Record<string, string>): void {
  const { tls } = usable(() => tomlLoadClientConfigProfile({ overrideEnvVars: set }));
  if (tls?.disable_host_verification !== true) return;
  throw new ConfigurationError(
    'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION (disable_host_verification in temporal.toml) is not supported: name the ' +
      'authority that signed the server’s certificate in TEMPORAL_TLS_SERVER_CA_CERT_PATH, and the name in that ' +
      'certificate in TEMPORAL_TLS_SERVER_NAME',
  );
}

// The SDK leaves half a pair out without a word.
function refuseHalfAPair({ tls }: ClientConfigProfile): void {
  if ((tls?.clientCert === undefined) === (tls?.clientKey === undefined)) return;
  const [there, missing] = tls?.clientCert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
  throw new ConfigurationError(
    `TEMPORAL_TLS_CLIENT_${there}_PATH or _DATA is set without TEMPORAL_TLS_CLIENT_${missing}_PATH or _DATA: a client proves itself with both`,
  );
}

// The SDK's own error does not always say which file it is.
function readFiles({ tls }: ClientConfigProfile): void {
  const sources = { SERVER_CA_CERT: tls?.serverCACert, CLIENT_CERT: tls?.clientCert, CLIENT_KEY: tls?.clientKey };
  for (const [name, source] of Object.entries(tls?.disabled ? {} : sources)) {
    if (source && 'path' in source) readNamed(`TEMPORAL_TLS_${name}_PATH (or temporal.toml)`, source.path);
  }
}

// Core would find out when it connects, and we would try again for ever as if the server were away.
function checkCertificates(tls: NativeConnectionOptions['tls']): void {
  if (typeof tls !== 'object' || tls === null) return;
  const { serverRootCACertificate: authority, clientCertPair: pair } = tls;
  if (authority !== undefined) {
    inPem('TEMPORAL_TLS_SERVER_CA_CERT_PATH or _DATA', () => new X509Certificate(authority));
  }
  if (pair !== undefined) {
    inPem('the pair of TEMPORAL_TLS_CLIENT_CERT_PATH or _DATA and TEMPORAL_TLS_CLIENT_KEY_PATH or _DATA', () =>
      createSecureContext({ cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
    );
  }
}

function inPem(what: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw new ConfigurationError(`${what} cannot be used, PEM is expected: ${firstLineOf(error)}`);
  }
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigurationError(
      `the connection settings (TEMPORAL_*, temporal.toml) cannot be used: ${firstLineOf(error)}`,
    );
  }
}
