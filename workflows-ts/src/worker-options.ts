import { hostname } from 'node:os';
import type { Logger } from '@temporalio/common';
import type { NativeConnection, RuntimeOptions, WorkerOptions } from '@temporalio/worker';
import { type BundleKind, bundlePath } from './bundle-path.js';
import type { Configuration } from './configuration.js';
import { CONTRACTS_HASH, WORKFLOWS_QUEUE } from './contracts/names.js';
import type { Tracing } from './tracing.js';

/** The bundle that fits the configuration. */
export function bundleKind({ codecKeys, tracing }: Configuration): BundleKind {
  return { encrypted: codecKeys !== undefined, traced: tracing !== undefined };
}

/** What holds for the process: where logs go, and where metrics are served. */
export function runtimeOptions(logger: Logger, metricsPort: number): RuntimeOptions {
  return {
    logger,
    shutdownSignals: [], // ours are there before there is a worker
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
    },
  };
}

/** What the worker polls, runs and says. */
export async function workerOptions(
  configuration: Configuration,
  connection: NativeConnection,
  tracing: Tracing | undefined,
): Promise<WorkerOptions> {
  const { namespace, deployment, graceSeconds, codecKeys } = configuration;
  const codePath = bundlePath(bundleKind(configuration));
  return {
    connection,
    namespace,
    taskQueue: WORKFLOWS_QUEUE,
    // `gantry doctor` reads it from the pollers of the queue, to tell which contracts the workers were built with.
    identity: `gantry-workflows:${process.pid}@${hostname()} contracts:${CONTRACTS_HASH}`,
    workflowBundle: tracing === undefined ? { codePath } : await tracing.bundle(codePath),
    shutdownForceTime: graceSeconds * 1000,
    ...(codecKeys !== undefined && { dataConverter: (await import('./encryption.js')).encryptedWith(codecKeys) }),
    ...(tracing !== undefined && { sinks: tracing.sinks }),
    ...(deployment !== undefined && { workerDeploymentOptions: deployment }),
  };
}
