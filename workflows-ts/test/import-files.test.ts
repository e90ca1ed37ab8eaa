import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { GET_PROGRESS, WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { FileRef, ImportEventsOutput, ImportFilesOutput, RunProgress } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';
import { BLOB, IMPORTED, ImportStandIns, nameOf } from './support/ingest.js';
import { testWorkflows } from './support/paths.js';

type ImportFiles = (...args: unknown[]) => Promise<ImportFilesOutput>;

const [COMMON, HOST] = ['ingest', 'ingest@host-a'];

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new ImportStandIns();
const gates: Gate[] = [];

/** A gate for activities to wait at, which is open at the latest when the worker stops. */
function gate(): Gate {
  const made = new Gate();
  gates.push(made);
  return made;
}

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows();
  for (const queue of [COMMON, HOST]) await workers.start(queue, { activities: { ...standIns.on(queue) } });
});

beforeEach(() => {
  standIns.calls = [];
  standIns.behaviour = () => IMPORTED;
});

after(async () => {
  for (const one of gates) one.open();
  await workers.stop();
  await environment.teardown();
});

function start(
  args: unknown[],
  { taskQueue = WORKFLOWS_QUEUE }: { taskQueue?: string } = {},
): Promise<WorkflowHandleWithFirstExecutionRunId<ImportFiles>> {
  return environment.client.workflow.start<ImportFiles>('importFiles', {
    workflowId: `import/${randomUUID()}`,
    taskQueue,
    args,
    workflowExecutionTimeout: '20 seconds',
  });
}

function paths(...names: string[]): FileRef[] {
  return names.map((name) => ({ path: `/events/${name}` }));
}

/** Lets the stand-in refuse the files whose names begin with `bad`. */
function refuseBad({ file }: { file: FileRef }): ImportEventsOutput {
  if (!nameOf(file).includes('/bad')) return IMPORTED;
  throw ApplicationFailure.nonRetryable('it is no JSON (line 1): look at the file', 'ParseError');
}

test('files are read where they are, one that cannot be imported stops no other, and the counts are of all', async () => {
  standIns.behaviour = refuseBad;
  const files = [...paths('a', 'bad', 'b', 'a'), BLOB];
  const run = await start([{ files, hostId: 'host-a', source: 'archive' }]);
  const output = await run.result();
  const { phases, ...counts } = IMPORTED;
  assert.ok(phases);
  const error = { type: 'ParseError', message: 'it is no JSON (line 1): look at the file' };
  assert.deepEqual(output, {
    files: [
      { file: { path: '/events/a' }, ...counts },
      { file: { path: '/events/bad' }, lines: 0, stored: 0, duplicates: 0, rejected: 0, bytes: 0, error },
      { file: { path: '/events/b' }, ...counts },
      { file: BLOB, ...counts },
    ],
    lines: 30,
    stored: 21,
    duplicates: 6,
    rejected: 3,
    bytes: 12_000,
  });
  assert.deepEqual(standIns.imported(), [
    `/events/a on ${HOST}`,
    `/events/b on ${HOST}`,
    `/events/bad on ${HOST}`,
    `${BLOB.uri} on ${COMMON}`,
  ]);
  assert.ok(standIns.calls.every(({ input }) => input.source === 'archive'));
  assert.deepEqual(await run.query<RunProgress>(GET_PROGRESS), { percent: 100, step: 'done' });
  await record(environment, 'importFiles.mixed', run.workflowId);
});

test('a blob on the disk of a host is read there, and without a host everything is read anywhere', async () => {
  const onDisk = { ...BLOB, uri: 'file:///blobs/cd/cdcd' };
  await (await start([{ files: [onDisk], hostId: 'host-a' }])).result();
  await (await start([{ files: paths('a'), format: 'gzip' }])).result();
  assert.deepEqual(standIns.imported(), [`/events/a on ${COMMON}`, `${onDisk.uri} on ${HOST}`]);
  const formats = standIns.calls.map(({ input }) => input.format);
  assert.deepEqual(formats, [undefined, 'gzip'], 'how a file is written is told by its bytes where nobody says it');
});

test('so many files at once as are asked for, and the progress tells how many are done', async () => {
  const begun = new Map(['a', 'b', 'c'].map((name) => [`/events/${name}`, new Gate()]));
  const goOn = new Map(['a', 'b', 'c'].map((name) => [`/events/${name}`, gate()]));
  standIns.behaviour = async ({ file }) => {
    begun.get(nameOf(file))?.open();
    await goOn.get(nameOf(file))?.passed;
    return IMPORTED;
  };
  const run = await start([{ files: paths('a', 'b', 'c'), parallel: 2 }]);
  await begun.get('/events/a')?.openedBy(run);
  await begun.get('/events/b')?.openedBy(run);
  assert.deepEqual(await run.query<RunProgress>(GET_PROGRESS), {
    percent: 0,
    step: 'importing: 0 of 3 files, 0 lines',
    activity: 'importEvents',
  });
  assert.equal(standIns.calls.length, 2);
  goOn.get('/events/a')?.open();
  await begun.get('/events/c')?.openedBy(run);
  assert.deepEqual(await run.query<RunProgress>(GET_PROGRESS), {
    percent: 33,
    step: 'importing: 1 of 3 files, 10 lines',
    activity: 'importEvents',
  });
  for (const one of goOn.values()) one.open();
  assert.equal((await run.result()).stored, 21);
});

test('a cancelled run stops the files that it works on, begins no other and ends', async () => {
  const begun = [new Gate(), new Gate()];
  let stopped = 0;
  standIns.behaviour = async () => {
    begun[standIns.calls.length - 1]?.open();
    const beat = setInterval(() => Context.current().heartbeat(), 50);
    try {
      return await Context.current().cancelled;
    } finally {
      clearInterval(beat);
      stopped += 1;
    }
  };
  const run = await start([{ files: paths('a', 'b', 'c') }]);
  for (const one of begun) await one.openedBy(run);
  await run.cancel();
  await failureOf(run.result());
  assert.equal((await run.describe()).status.name, 'CANCELLED');
  assert.deepEqual([stopped, standIns.calls.length], [2, 2]);
  await record(environment, 'importFiles.cancelled', run.workflowId);
});

test('a run of which no file could be imported fails with the type of the first error', async () => {
  standIns.behaviour = refuseBad;
  const run = await start([{ files: paths('bad1', 'bad2') }]);
  const failure = asApplicationFailure(await failureOf(run.result()));
  assert.equal(failure.type, 'ParseError');
  assert.deepEqual(failure.details, [
    {
      what: 'none of 2 files could be imported; the first: it is no JSON (line 1): look at the file',
      where: '/events/bad1',
      hint: 'put right what the message names, then import again: what is stored already is not stored twice',
    },
  ]);
  await record(environment, 'importFiles.failed', run.workflowId);
});

test('a long list goes on in further runs, and the result is that of all of them', async () => {
  const taskQueue = 'impatient';
  await workers.start(taskQueue, {
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: testWorkflows('impatient'),
      logger: new DefaultLogger('WARN'),
    }),
  });
  standIns.behaviour = refuseBad;
  const names = ['bad0', 'a', 'b', 'c', 'bad4', 'e', 'f'];
  const run = await start([{ files: paths(...names), parallel: 3, hostId: 'host-a' }], { taskQueue });
  const { files, stored } = await run.result();
  assert.deepEqual(
    files.map(({ file, error }) => `${nameOf(file)}${error === undefined ? '' : ` ${error.type}`}`),
    names.map((name) => `/events/${name}${name.startsWith('bad') ? ' ParseError' : ''}`),
  );
  assert.equal(stored, 35);
  assert.deepEqual(standIns.imported(), names.map((name) => `/events/${name} on ${HOST}`).sort());
  const { runId } = await environment.client.workflow.getHandle(run.workflowId).describe();
  assert.notEqual(runId, run.firstExecutionRunId);
});

test('a list that no payload holds is refused, and nonsense is an input error', async () => {
  const many = paths(...Array.from({ length: 2001 }, (_, n) => String(n)));
  const long = paths(...Array.from({ length: 1000 }, (_, n) => `${'x'.repeat(600)}${n}`));
  for (const files of [many, long]) {
    assert.equal(asApplicationFailure(await failureOf((await start([{ files }])).result())).type, 'LimitExceeded');
  }
  const files = paths('a');
  const done = { file: files[0], lines: 1, stored: 1, duplicates: 0, rejected: 0, bytes: 1 };
  for (const input of [
    undefined,
    {},
    { files: [] },
    { files: '/events/a' },
    { files: ['/events/a'] },
    { files: [{ path: 3 }] },
    { files: [{ uri: 's3://b/k' }] },
    { files, parallel: 0 },
    { files, parallel: 65 },
    { files, source: 4 },
    { files, format: 'zip' },
    { files, hostId: 4 },
    { files, done: 'x' },
    { files, done: [{ ...done, lines: -1 }] },
    { files, done: [{ ...done, error: { type: 'Whatever', message: 'm' } }] },
    [],
    'x',
  ]) {
    const failure = asApplicationFailure(await failureOf((await start([input])).result()));
    assert.equal(failure.type, 'InvalidInput', JSON.stringify(input));
  }
  assert.deepEqual(standIns.calls, []);
});
