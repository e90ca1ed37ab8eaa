import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { toCanonicalString } from '@temporalio/common';
import { GracefulShutdownPeriodExpiredError, type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { boundAddress, serveAdmin } from './admin.js';
import { bundlePath } from './bundle-path.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { ConfigurationError } from './configuration-error.js';
import { CONTRACTS_HASH, WORKFLOWS_QUEUE } from './contracts/names.js';
import { stderrLogger, wantsColours } from './logger.js';
import { freeLoopbackPort, metricsFrom } from './metrics.js';
import { stopOnSignals } from './signals.js';
import { connectWhenReady, whyUnhealthy } from './temporal.js';
import { bundleKind, runtimeOptions, workerOptions } from './worker-options.js';

const { version: sdkVersion } = createRequire(import.meta.url)('@temporalio/worker/package.json') as {
  version: string;
};

async function main(): Promise<void> {
  // A poll that is in flight when the worker stops may carry a task. With this, core waits for it and runs it instead of
  // losing it until its time-out. Core reads the variable when its pollers start.
  process.env['TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS'] ??= '1000';
  const configuration = readConfiguration(process.env);
  if (!existsSync(bundlePath(bundleKind(configuration)))) {
    throw new ConfigurationError('the workflow bundle is missing: run `make build`');
  }
  await serveUntil(stopOnSignals(), configuration);
}

async function serveUntil(stop: AbortSignal, configuration: Configuration): Promise<void> {
  const { address, namespace, deployment, codecKeys } = configuration;
  const logger = stderrLogger(configuration.logLevel, {
    format: configuration.logFormat,
    colours: wantsColours(process.stderr, process.env['NO_COLOR']),
  });
  const metricsPort = await freeLoopbackPort();
  Runtime.install(runtimeOptions(logger, metricsPort));
  const tracing = configuration.tracing && new (await import('./tracing.js')).Tracing(configuration.tracing, logger);

  let running: { worker: Worker; connection: NativeConnection } | undefined;
  const admin = await serveAdmin(configuration.adminListen, {
    async whyNotReady() {
      if (running === undefined) return `waiting for Temporal at ${address}, namespace ${namespace}`;
      const state = running.worker.getState();
      return state === 'RUNNING' ? await whyUnhealthy(running.connection, address) : `the worker is ${state}`;
    },
    metrics: () => metricsFrom(metricsPort),
  });
  logger.info('workflow worker starts', {
    queue: WORKFLOWS_QUEUE,
    namespace,
    address,
    sdk: sdkVersion,
    contracts: CONTRACTS_HASH,
    version: deployment === undefined ? 'unversioned' : toCanonicalString(deployment.version),
    encryption: codecKeys === undefined ? 'off' : `with the key ${codecKeys[0].id}`,
    tracing: tracing === undefined ? 'off' : 'on',
    admin: boundAddress(admin),
  });

  try {
    const connection = await connectWhenReady(configuration, logger, stop);
    const worker = await Worker.create(await workerOptions(configuration, connection, tracing));
    running = { worker, connection };
    await runUntil(stop, worker).finally(() => tracing?.stop());
    await connection.close();
    logger.info('workflow worker stopped');
  } catch (error) {
    if (error instanceof GracefulShutdownPeriodExpiredError) {
      logger.warn('the grace period ended before all workflow tasks did; the server hands them out again');
    } else if (stop.aborted && error instanceof Error && error.name === 'AbortError') {
      logger.info('stopped while waiting for Temporal');
    } else {
      throw error;
    }
  }
}

async function runUntil(stop: AbortSignal, worker: Worker): Promise<void> {
  const run = worker.run();
  const shutdown = () => {
    worker.shutdown();
  };
  if (stop.aborted) shutdown();
  stop.addEventListener('abort', shutdown, { once: true });
  await run;
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const lines =
    error instanceof ConfigurationError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${lines}\n`);
  process.exit(1);
}
