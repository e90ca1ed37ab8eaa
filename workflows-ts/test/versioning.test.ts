import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import { startEnvironment } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { startIndexRepo } from './support/indexing.js';
import { startWorker, stopAll } from './support/processes.js';
import { until } from './support/until.js';

const [DEPLOYMENT, BUILD] = ['gantry-workflows', 'build-1'];
// temporal.api.enums.v1.TaskQueueType
const WORKFLOW_TASKS = 1;

let environment: TestWorkflowEnvironment;

before(async () => {
  environment = await startEnvironment();
});

after(async () => {
  stopAll();
  await environment.teardown();
});

test('a versioned worker runs nothing until its version is the current one', { timeout: 60_000 }, async () => {
  const { workflowService, options } = environment.client;
  const { namespace } = options;
  startWorker({
    TEMPORAL_ADDRESS: environment.address,
    TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT,
    TEMPORAL_WORKER_BUILD_ID: BUILD,
  });
  const queue = { namespace, taskQueue: { name: WORKFLOWS_QUEUE }, taskQueueType: WORKFLOW_TASKS };
  await until('the version polls', async () => {
    const { pollers } = await workflowService.describeTaskQueue(queue);
    return pollers?.find(({ deploymentOptions }) => deploymentOptions?.buildId === BUILD);
  });

  const run = await startIndexRepo(environment, {});
  // Where somebody takes tasks, they are handed over and none lies about.
  await until('the task waits in the queue', async () => {
    const { stats } = await workflowService.describeTaskQueue({ ...queue, reportStats: true });
    return Number(stats?.approximateBacklogCount ?? 0) > 0 ? true : undefined;
  });
  const waiting = await run.fetchHistory();
  assert.ok(!waiting.events?.some((event) => event.workflowTaskStartedEventAttributes));

  await until('the version can be made current', () =>
    workflowService
      .setWorkerDeploymentCurrentVersion({ namespace, deploymentName: DEPLOYMENT, buildId: BUILD })
      .catch(() => undefined),
  );
  assert.equal(asApplicationFailure(await failureOf(run.result())).type, 'InvalidInput');
  const { events } = await run.fetchHistory();
  const completed = events?.flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
  assert.deepEqual(
    completed?.map(({ deploymentVersion }) => [deploymentVersion?.deploymentName, deploymentVersion?.buildId]),
    [[DEPLOYMENT, BUILD]],
  );
});
