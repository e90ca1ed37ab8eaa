import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { bundlePath } from '../../src/bundle-path.js';
import { WORKFLOWS_QUEUE } from '../../src/contracts/names.js';
import { SERVER_ARGUMENTS, temporalCli } from './temporal-cli.js';

// Histories are committed: the default identity would put the names of machines into them.
export const IDENTITY = 'worker@test';

/** The bundle that is shipped, for a worker with neither encryption nor tracing. */
export const PLAIN = { codePath: bundlePath({ encrypted: false, traced: false }) };

/** A real server of its own for one test file. */
export async function startEnvironment(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  return await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalCli() },
      log: { format: 'pretty', level: 'error' },
      extraArgs: SERVER_ARGUMENTS,
    },
    client: { identity: IDENTITY },
  });
}

/** Workers that run until they are stopped. */
export class Workers {
  readonly #running: { worker: Worker; run: Promise<void> }[] = [];

  constructor(private readonly environment: TestWorkflowEnvironment) {}

  async start(taskQueue: string, options: Omit<WorkerOptions, 'taskQueue'>): Promise<Worker> {
    const worker = await Worker.create({
      connection: this.environment.nativeConnection,
      identity: IDENTITY,
      taskQueue,
      // Cancellation reaches an activity with the answer to a heartbeat.
      maxHeartbeatThrottleInterval: '100ms',
      ...options,
    });
    this.#running.push({ worker, run: worker.run() });
    return worker;
  }

  /** The workflow worker, by default with the bundle that is shipped. */
  async startWorkflows(options: Omit<WorkerOptions, 'taskQueue'> = { workflowBundle: PLAIN }): Promise<void> {
    await this.start(WORKFLOWS_QUEUE, options);
  }

  async stop(): Promise<void> {
    for (const { worker } of this.#running) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.#running.map(({ run }) => run));
  }
}
