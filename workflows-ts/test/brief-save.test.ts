import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { BuildBriefingOutput, OrBlob } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { record } from './support/histories.js';
import { BRIEFING, SaveStandIns } from './support/saves.js';

type BriefSave = (...args: unknown[]) => Promise<OrBlob<BuildBriefingOutput>>;

const [COMMON, HOST] = ['save-parsing', 'save-parsing@host-a'];
const BLOB = { uri: 's3://bucket/a.sav', sha256: 'ab'.repeat(32), bytes: 500 };

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new SaveStandIns();

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows();
  for (const queue of [COMMON, HOST]) await workers.start(queue, { activities: { ...standIns.on(queue) } });
});

beforeEach(() => {
  standIns.reset();
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

function brief(...args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId<BriefSave>> {
  return environment.client.workflow.start<BriefSave>('briefSave', {
    workflowId: `brief/${randomUUID()}`,
    taskQueue: WORKFLOWS_QUEUE,
    args,
    workflowExecutionTimeout: '20 seconds',
  });
}

test('a briefing is made on the host that has the save, as it is asked for', async () => {
  const page = { ...BRIEFING, page: '<!doctype html>' };
  standIns.brief = () => page;
  const save = { path: '/saves/a.sav' };
  const asked = {
    format: 'html',
    sha256: 'ab'.repeat(32),
    explain: 'economy.net_monthly.energy',
    player: 0,
    localisation: '/game/localisation',
  } as const;
  const run = await brief({ save, ...asked, hostId: 'host-a' });
  assert.deepEqual(await run.result(), page);
  assert.deepEqual(standIns.briefings, [{ queue: HOST, input: { save, ...asked } }]);
  await record(environment, 'briefSave.onHost', run.workflowId);
});

test('a blob is read anywhere, the object alone is what nobody has to ask for, and null is nothing', async () => {
  const run = await brief({ save: BLOB, hostId: 'host-a', format: null, sha256: null, player: null });
  assert.deepEqual(await run.result(), BRIEFING);
  assert.deepEqual(standIns.briefings, [{ queue: COMMON, input: { save: BLOB, format: 'json' } }]);
});

test('a briefing that no payload holds is handed on as its blob', async () => {
  const blob = { resultBlob: { ...BLOB, uri: 's3://bucket/answer' } };
  standIns.brief = () => blob;
  assert.deepEqual(await (await brief({ save: { path: '/saves/a.sav' } })).result(), blob);
});

test('a save that is another by now fails the run, and nonsense is an input error', async () => {
  standIns.brief = () => {
    throw ApplicationFailure.nonRetryable('the save is another one by now', 'Conflict');
  };
  const save = { path: '/saves/a.sav' };
  const run = await brief({ save, sha256: 'cd'.repeat(32) });
  assert.equal(asApplicationFailure((await failureOf(run.result()))?.cause).type, 'Conflict');
  await record(environment, 'briefSave.failed', run.workflowId);
  for (const input of [
    undefined,
    {},
    { save: '/saves/a.sav' },
    { save: {} },
    { save: { uri: 's3://b/k', sha256: 3, bytes: 1 } },
    { save, format: 'pdf' },
    { save, format: 3 },
    { save, sha256: '' },
    { save, player: -1 },
    { save, explain: 4 },
    { save, localisation: [] },
    { save, hostId: 4 },
    'x',
  ]) {
    const failure = asApplicationFailure(await failureOf((await brief(input)).result()));
    assert.equal(failure.type, 'InvalidInput', JSON.stringify(input));
  }
});
