import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions, WorkerDeploymentOptions } from '@temporalio/worker';
import { WORKFLOWS_ADMIN_PORT } from './contracts/names.js';

type Environment = Readonly<Partial<Record<string, string>>>;

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
const FORMATS = ['text', 'json'] as const;
const LONGEST_GRACE_SECONDS = 86_400;

/** A variable or a file says something that cannot be meant. The message is one line for people. */
export class ConfigurationError extends Error {}

/** Host and port to listen on; port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Everything the worker can be told, checked. */
export interface Configuration {
  readonly address: string;
  readonly namespace: string;
  readonly connection: NativeConnectionOptions;
  readonly adminListen: ListenAddress;
  readonly graceSeconds: number;
  readonly logLevel: (typeof LEVELS)[number];
  readonly logFormat: (typeof FORMATS)[number];
  readonly deployment: WorkerDeploymentOptions | undefined;
}

/** Reads and checks the configuration, once, at start. */
export function readConfiguration(environment: Environment): Configuration {
  // An empty variable is how a container or a unit file says "not set".
  const set = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
  return {
    ...temporalSettings(set),
    adminListen: listenAddress(
      'GANTRY_ADMIN_LISTEN',
      set['GANTRY_ADMIN_LISTEN'] ?? `127.0.0.1:${WORKFLOWS_ADMIN_PORT}`,
    ),
    graceSeconds: seconds('GANTRY_GRACE_SECONDS', set['GANTRY_GRACE_SECONDS'] ?? '10'),
    logLevel: oneOf('GANTRY_LOG', overallLevel(set['GANTRY_LOG'] ?? 'info'), LEVELS),
    logFormat: oneOf('GANTRY_LOG_FORMAT', set['GANTRY_LOG_FORMAT']?.toLowerCase() ?? 'text', FORMATS),
    deployment: deployment(set['TEMPORAL_DEPLOYMENT_NAME'], set['TEMPORAL_WORKER_BUILD_ID']),
  };
}

/** The Rust workers' filters, such as `info,heavy_compute=debug`, hold for us as far as they name no target. */
function overallLevel(filter: string): string {
  const overall = filter.split(',').find((part) => !part.includes('='));
  return (overall ?? 'info').toUpperCase();
}

function temporalSettings(set: Record<string, string>): Pick<Configuration, 'address' | 'namespace' | 'connection'> {
  const { connectionOptions, namespace } = clientConfiguration(set);
  const address = connectionOptions.address ?? 'localhost:7233';
  const where = set['TEMPORAL_ADDRESS'] === undefined ? 'address in temporal.toml' : 'TEMPORAL_ADDRESS';
  checkAddress(where, address);
  return { address, namespace: namespace ?? 'default', connection: { ...connectionOptions, address } };
}

function clientConfiguration(set: Record<string, string>): ClientConnectConfig {
  // The SDK takes every other word for false; "yes" would mean a connection in the clear.
  if (set['TEMPORAL_TLS'] !== undefined) oneOf('TEMPORAL_TLS', set['TEMPORAL_TLS'], ['true', 'false', '1', '0']);
  try {
    return loadClientConnectConfig({ overrideEnvVars: set });
  } catch (error) {
    const [firstLine] = String(error instanceof Error ? error.message : error).split('\n');
    throw new ConfigurationError(`the connection settings (TEMPORAL_*, temporal.toml) cannot be used: ${firstLine}`);
  }
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

const HOST_AND_PORT = /^(?<host>\[[0-9a-f:.]+\]|[^:/\s[\]]+):(?<port>\d{1,5})$/iu;
const HOST_ALONE = /^(?:\[[0-9a-f:.]+\]|[^:/\s[\]]+)$/iu;

function listenAddress(name: string, value: string): ListenAddress {
  const { host, port } = HOST_AND_PORT.exec(value)?.groups ?? {};
  if (host === undefined || Number(port) > 65535) throw wrong(name, value, 'host:port, for example 127.0.0.1:9606');
  return { host: host.replace(/^\[|\]$/gu, ''), port: Number(port) };
}

function checkAddress(name: string, value: string): void {
  const port = Number(HOST_AND_PORT.exec(value)?.groups?.['port'] ?? (HOST_ALONE.test(value) ? 1 : 0));
  if (port < 1 || port > 65535) throw wrong(name, value, 'host:port without a scheme, for example localhost:7233');
}

function seconds(name: string, value: string): number {
  if (!/^\d+(?:\.\d+)?$/u.test(value) || Number(value) > LONGEST_GRACE_SECONDS) {
    throw wrong(name, value, `a number of seconds from 0 to ${LONGEST_GRACE_SECONDS}`);
  }
  return Number(value);
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw wrong(name, value.toLowerCase(), `one of ${choices.join(', ').toLowerCase()}`);
  return choice;
}

function wrong(name: string, value: string, expected: string): ConfigurationError {
  return new ConfigurationError(`${name} is ${JSON.stringify(value)}; expected ${expected}`);
}
