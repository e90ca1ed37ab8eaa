import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SIGNAL_CHANGED, WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { ShipBatchInput, ShipSessionsOutput } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';
import { BATCH, FOUND, REPLAY, ShippingStandIns } from './support/shipping.js';

type ShipSessions = (...args: unknown[]) => Promise<ShipSessionsOutput>;
type WatchSessions = (...args: unknown[]) => Promise<void>;

const QUEUE = 'shipping@host-a';

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new ShippingStandIns();

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows();
  await workers.start(QUEUE, { activities: { ...standIns.on(QUEUE) } });
});

beforeEach(() => {
  standIns.calls = [];
  standIns.behaviour = {};
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

function ship(...args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId<ShipSessions>> {
  return environment.client.workflow.start<ShipSessions>('shipSessions', {
    workflowId: 'ship/host-a',
    taskQueue: WORKFLOWS_QUEUE,
    args,
    workflowExecutionTimeout: '20 seconds',
  });
}

test('gaps, then what is new in parts, then the spool, all on the host that has the files', async () => {
  let left = 3;
  standIns.behaviour = {
    shipBatch: () => {
      left -= 1;
      return Promise.resolve({ ...BATCH, spooled: 1, remainingBytes: left * 5000 });
    },
    replaySpool: () => Promise.resolve({ replayed: 3, events: 2, pending: 1, dead: 0 }),
  };
  const run = await ship();
  assert.deepEqual(await run.result(), {
    files: 3,
    sourceBytes: 15_000,
    events: 23,
    batches: 6,
    acknowledged: 6,
    spooled: 3,
    quarantined: 0,
    replayed: 3,
    pending: 1,
    dead: 0,
    compressedBytes: 2700,
    remainingBytes: 0,
    byProvider: { claude: 2, codex: 1 },
    warnings: FOUND.warnings,
  });
  assert.deepEqual(standIns.names(), [
    'recoverGaps',
    'discoverSessions',
    'shipBatch',
    'shipBatch',
    'shipBatch',
    'replaySpool',
  ]);
  assert.ok(standIns.calls.every(({ queue }) => queue === QUEUE));
  await record(environment, 'shipSessions.parts', run.workflowId);
});

test('what does not move is not asked for again and again', async () => {
  standIns.behaviour = { shipBatch: () => Promise.resolve({ ...BATCH, sourceBytes: 0, remainingBytes: 77 }) };
  assert.equal((await (await ship({})).result()).remainingBytes, 77);
  assert.equal(standIns.names().filter((name) => name === 'shipBatch').length, 1);
});

test('agents, paths and a bound reach the activities', async () => {
  const asked: ShipBatchInput[] = [];
  standIns.behaviour = {
    shipBatch: (input) => {
      asked.push(input);
      return Promise.resolve({ ...BATCH, remainingBytes: 10_000 });
    },
  };
  await (await ship({ providers: ['codex'], paths: ['/home/u/s.jsonl'], maxBytes: 8000 })).result();
  assert.deepEqual(asked, [
    { scope: ['/home/u/s.jsonl'], providers: ['codex'], maxBytes: 8000 },
    { scope: ['/home/u/s.jsonl'], providers: ['codex'], maxBytes: 3000 },
  ]);
});

test('a cancelled run stops its activity and ends', async () => {
  const begun = new Gate();
  standIns.behaviour = {
    shipBatch: async () => {
      begun.open();
      const { Context } = await import('@temporalio/activity');
      const beat = setInterval(() => Context.current().heartbeat(), 50);
      try {
        return await Context.current().cancelled;
      } finally {
        clearInterval(beat);
      }
    },
  };
  const run = await ship();
  await begun.openedBy(run);
  await run.cancel();
  await failureOf(run.result());
  await record(environment, 'shipSessions.cancelled', run.workflowId);
});

test('rejected credentials fail the run, and nonsense is an input error', async () => {
  standIns.behaviour = {
    shipBatch: () => Promise.reject(ApplicationFailure.nonRetryable('the token was refused', 'AuthRejected')),
  };
  const refused = await failureOf((await ship()).result());
  assert.equal(asApplicationFailure(refused?.cause).type, 'AuthRejected');
  for (const input of [
    { maxBytes: 0 },
    { maxBytes: '1' },
    { paths: 'x' },
    { providers: [1] },
    { hostId: 4 },
    [],
    'x',
  ]) {
    const failure = asApplicationFailure(await failureOf((await ship(input)).result()));
    assert.equal(failure.type, 'InvalidInput', JSON.stringify(input));
  }
});

test('a watch ships when it starts, when it is signalled and when it polls, whatever goes wrong between', async () => {
  let rounds = 0;
  const [first, second, third, fourth] = [new Gate(), new Gate(), new Gate(), new Gate()];
  standIns.behaviour = {
    shipBatch: () => {
      rounds += 1;
      [first, second, third, fourth][rounds - 1]?.open();
      // The token is wrong for one round; a watch outlives that.
      if (rounds === 2) throw ApplicationFailure.nonRetryable('the token was refused', 'AuthRejected');
      return Promise.resolve(BATCH);
    },
    replaySpool: () => Promise.resolve(REPLAY),
  };
  const run = await environment.client.workflow.signalWithStart<WatchSessions, []>('watchSessions', {
    workflowId: 'watch/host-a',
    taskQueue: WORKFLOWS_QUEUE,
    args: [{ pollSeconds: 600 }],
    signal: SIGNAL_CHANGED,
    workflowExecutionTimeout: '20 seconds',
  });
  await first.openedBy(run);
  await run.signal(SIGNAL_CHANGED);
  await second.openedBy(run);
  await run.signal(SIGNAL_CHANGED);
  await third.openedBy(run);
  await run.cancel();
  await failureOf(run.result());
  await record(environment, 'watchSessions.signalled', run.workflowId);

  const polled = await environment.client.workflow.start<WatchSessions>('watchSessions', {
    workflowId: 'watch/host-a',
    taskQueue: WORKFLOWS_QUEUE,
    args: [{ pollSeconds: 1 }],
    workflowExecutionTimeout: '20 seconds',
  });
  await fourth.openedBy(polled);
  const fifth = rounds;
  const again = new Gate();
  standIns.behaviour = {
    shipBatch: () => {
      again.open();
      return Promise.resolve(BATCH);
    },
  };
  await again.openedBy(polled);
  assert.ok(fifth >= 4);
  await polled.terminate();
});
