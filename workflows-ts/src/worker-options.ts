import { hostname } from 'node:os';
import type { Logger } from '@temporalio/common';
import type { NativeConnection, RuntimeOptions, WorkerOptions } from '@temporalio/worker';
import { BUNDLE_PATH } from './bundle-path.js';
import type { Configuration } from './configuration.js';
import { CONTRACTS_HASH, WORKFLOWS_QUEUE } from './contracts/names.js';

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
export function workerOptions(configuration: Configuration, connection: NativeConnection): WorkerOptions {
  const { namespace, deployment, graceSeconds } = configuration;
  return {
    connection,
    namespace,
    taskQueue: WORKFLOWS_QUEUE,
    // `gantry doctor` reads it from the pollers of the queue, to tell which contracts the workers were built with.
    identity: `gantry-workflows:${process.pid}@${hostname()} contracts:${CONTRACTS_HASH}`,
    workflowBundle: { codePath: BUNDLE_PATH },
    shutdownForceTime: graceSeconds * 1000,
    ...(deployment !== undefined && { workerDeploymentOptions: deployment }),
  };
}
