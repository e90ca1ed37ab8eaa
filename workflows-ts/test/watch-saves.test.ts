import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { SaveParsingActivities } from '../src/contracts/save-parsing.js';
import type { FindSavesInput, FindSavesOutput, InspectSaveInput } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';

type WatchSaves = (...args: unknown[]) => Promise<void>;

const QUEUE = 'save-parsing@host-a';
const NOTHING: FindSavesOutput = { saves: [], unfinished: [] };

let environment: TestWorkflowEnvironment;
let workers: Workers;
let looks: FindSavesInput[] = [];
let inspected: string[] = [];
// What an activity waits for that is to find nothing more; a worker does not stop before it.
const released = new Gate<FindSavesOutput>();
let find: (look: number) => FindSavesOutput | Promise<FindSavesOutput>;

const activities: Pick<SaveParsingActivities, 'findSaves' | 'inspectSave'> = {
  findSaves: async (input) => {
    looks.push(input);
    return await find(looks.length);
  },
  inspectSave: ({ save }: InspectSaveInput) => {
    const path = 'path' in save ? save.path : '';
    inspected.push(path);
    if (path.endsWith('broken.sav')) throw ApplicationFailure.nonRetryable('it is damaged', 'ParseError');
    return Promise.resolve({
      sha256: 'ab'.repeat(32),
      name: 'Commonwealth',
      date: '2250.01.01',
      ironman: false,
      zipBytes: 10,
      textBytes: 100,
      sections: [],
      phases: {},
      peakRssBytes: 1,
    });
  },
};

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows();
  await workers.start(QUEUE, { activities: { ...activities } });
});

after(async () => {
  released.open(NOTHING);
  await workers.stop();
  await environment.teardown();
});

function watch(...args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId<WatchSaves>> {
  looks = [];
  inspected = [];
  return environment.client.workflow.start<WatchSaves>('watchSaves', {
    workflowId: 'watch-saves/host-a',
    taskQueue: WORKFLOWS_QUEUE,
    args,
    workflowExecutionTimeout: '20 seconds',
  });
}

test('saves that were there are left out, each new one is looked at, and a bad one ends nothing', async () => {
  const waiting = new Gate();
  const saves = ['a.sav', 'broken.sav', 'c.sav'].map((name, n) => ({
    path: `/saves/${name}`,
    bytes: 1,
    modifiedMs: n + 2,
  }));
  find = (look) => {
    if (look === 1) return { ...NOTHING, mark: { modifiedMs: 1, path: '/saves/old.sav' } };
    if (look === 2) return { ...NOTHING, saves, mark: { modifiedMs: 4, path: '/saves/c.sav' } };
    waiting.open();
    return released.passed;
  };
  const run = await watch({ folder: '/saves' });
  await waiting.openedBy(run);
  assert.deepEqual(inspected, ['/saves/a.sav', '/saves/broken.sav', '/saves/c.sav']);
  assert.deepEqual(looks, [
    { folder: '/saves' },
    { folder: '/saves', waitSeconds: 300, after: { modifiedMs: 1, path: '/saves/old.sav' } },
    { folder: '/saves', waitSeconds: 300, after: { modifiedMs: 4, path: '/saves/c.sav' } },
  ]);
  await record(environment, 'watchSaves.found', run.workflowId);
  await run.terminate();
});

test('a watch that is told where to begin begins there, and nonsense is an input error', async () => {
  const asked = new Gate();
  find = () => {
    asked.open();
    return released.passed;
  };
  const run = await watch({ folder: '/saves', after: { modifiedMs: 7, path: '/saves/x.sav' } });
  await asked.openedBy(run);
  assert.deepEqual(looks[0]?.after, { modifiedMs: 7, path: '/saves/x.sav' });
  await run.terminate();
  for (const input of [{}, { folder: 3 }, { folder: '/s', after: 'x' }, { folder: '/s', hostId: 1 }, 'x']) {
    const failure = asApplicationFailure(await failureOf((await watch(input)).result()));
    assert.equal(failure.type, 'InvalidInput', JSON.stringify(input));
  }
});
