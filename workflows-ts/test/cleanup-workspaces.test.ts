import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { HeavyComputeQueue } from '../src/contracts/heavy-compute.js';
import { WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { CleanupWorkspacesOutput, WorkspaceGcInput, WorkspaceGcOutput } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { record } from './support/histories.js';
import { testWorkflows } from './support/paths.js';
import { COLLECTED, StandIns } from './support/stand-ins.js';

type CleanupWorkspaces = (...args: unknown[]) => Promise<CleanupWorkspacesOutput>;

const [A, B, GONE] = ['heavy-compute@a', 'heavy-compute@b', 'heavy-compute@gone'];

let environment: TestWorkflowEnvironment;
let workers: Workers;
let hostQueues: string[] = [];
let asked: [queue: string, input: WorkspaceGcInput][] = [];
let onB: () => Promise<WorkspaceGcOutput>;

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows({
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: testWorkflows('impatient'),
      logger: new DefaultLogger('WARN'),
    }),
  });
  for (const queue of [HeavyComputeQueue, A, B]) {
    await workers.start(queue, {
      activities: {
        ...new StandIns().on(queue),
        listWorkspaceHosts: () => Promise.resolve({ hostQueues }),
        workspaceGc(input: WorkspaceGcInput) {
          asked.push([queue, input]);
          return queue === B ? onB() : Promise.resolve(COLLECTED);
        },
      },
    });
  }
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

function start(input: unknown, hosts: string[]): Promise<WorkflowHandleWithFirstExecutionRunId<CleanupWorkspaces>> {
  hostQueues = hosts;
  asked = [];
  return environment.client.workflow.start<CleanupWorkspaces>('cleanupWorkspaces', {
    workflowId: randomUUID(),
    taskQueue: WORKFLOWS_QUEUE,
    args: input === undefined ? [] : [input],
    workflowExecutionTimeout: '20 seconds',
  });
}

test('cleans every host, adds up, and passes over one that is gone', async () => {
  const error = { path: '/workspaces/odd', message: 'this is no workspace, and stays' };
  onB = () => Promise.resolve({ ...COLLECTED, removed: [], freedBytes: 100, kept: 5, errors: [error] });
  const run = await start({ maxAgeDays: 3 }, [A, B, GONE]);
  assert.deepEqual(await run.result(), {
    removed: 1,
    freedBytes: 4196,
    kept: 6,
    hosts: [
      { hostQueue: A, removed: 1, freedBytes: 4096, kept: 1, errors: [] },
      { hostQueue: B, removed: 0, freedBytes: 100, kept: 5, errors: [error] },
    ],
    skipped: [GONE],
  });
  assert.deepEqual(asked.sort(), [
    [A, { maxAgeDays: 3 }],
    [B, { maxAgeDays: 3 }],
  ]);
  await record(environment, 'cleanupWorkspaces.hostGone', run.workflowId);
});

test('a host that fails lets the run fail when the others are done', async () => {
  onB = () => Promise.reject(ApplicationFailure.nonRetryable('the disk is gone', 'PermissionDenied'));
  const failure = await failureOf((await start({}, [B, A])).result());
  assert.equal(asApplicationFailure(failure?.cause).type, 'PermissionDenied');
  assert.deepEqual(asked.sort(), [
    [A, {}],
    [B, {}],
  ]);
});

test('nothing to do and nothing said is no error, and nonsense is one', async () => {
  const nothing = { removed: 0, freedBytes: 0, kept: 0, hosts: [], skipped: [] };
  assert.deepEqual(await (await start({ maxAgeDays: null }, [])).result(), nothing);
  for (const maxAgeDays of ['7', -1, 0.5]) {
    const failure = asApplicationFailure(await failureOf((await start({ maxAgeDays }, [A])).result()));
    assert.equal(failure.type, 'InvalidInput');
  }
  assert.deepEqual(asked, []);
});
