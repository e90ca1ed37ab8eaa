import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import type { FindSavesOutput, FoundSave } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';
import { BRIEFING, INSPECTED, NOTHING, pathOf, SaveStandIns } from './support/saves.js';
import { until } from './support/until.js';

type WatchSaves = (...args: unknown[]) => Promise<void>;

const QUEUE = 'save-parsing@host-a';

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new SaveStandIns();
// What an activity waits for that is to find nothing more; a worker does not stop before it.
const released = new Gate<FindSavesOutput>();
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
  await workers.start(QUEUE, { activities: { ...standIns.on(QUEUE) } });
});

beforeEach(() => {
  standIns.reset();
});

after(async () => {
  released.open(NOTHING);
  for (const one of gates) one.open();
  await workers.stop();
  await environment.teardown();
});

function watch(...args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId<WatchSaves>> {
  return environment.client.workflow.start<WatchSaves>('watchSaves', {
    workflowId: 'watch-saves/host-a',
    taskQueue: WORKFLOWS_QUEUE,
    args,
    workflowExecutionTimeout: '20 seconds',
  });
}

function found(...names: string[]): FoundSave[] {
  return names.map((name, n) => ({ path: `/saves/${name}`, bytes: 1, modifiedMs: n + 2 }));
}

/** What the briefing of a save answers, once it is done. */
function briefing(sha256: string): Promise<unknown> {
  return environment.client.workflow.getHandle(`brief/${sha256.slice(0, 16)}`).result();
}

test('saves that were there are left out, each new one is looked at and briefed once, and a bad one ends nothing', async () => {
  const waiting = new Gate();
  const briefed = gate();
  const [hashA, hashC] = ['a1'.repeat(32), 'c1'.repeat(32)];
  standIns.inspect = (path) => {
    if (path.endsWith('broken.sav')) throw ApplicationFailure.nonRetryable('it is damaged', 'ParseError');
    return { ...INSPECTED, sha256: path.endsWith('c.sav') ? hashC : hashA };
  };
  standIns.find = async (look) => {
    if (look === 1) return { ...NOTHING, mark: { modifiedMs: 1, path: '/saves/old.sav' } };
    if (look === 2) {
      const saves = found('a.sav', 'broken.sav', 'same-as-a.sav', 'c.sav');
      return { ...NOTHING, saves, mark: { modifiedMs: 5, path: '/saves/c.sav' } };
    }
    if (look === 3) {
      await briefed.passed;
      const saves = [{ path: '/saves/a-again.sav', bytes: 1, modifiedMs: 6 }];
      return { ...NOTHING, saves, mark: { modifiedMs: 6, path: '/saves/a-again.sav' } };
    }
    waiting.open();
    return await released.passed;
  };
  const started = new Gate();
  standIns.brief = () => {
    if (standIns.briefings.length === 2) started.open();
    return BRIEFING;
  };
  const run = await watch({ folder: '/saves' });
  await started.openedBy(run);
  assert.deepEqual([await briefing(hashA), await briefing(hashC)], [BRIEFING, BRIEFING]);
  briefed.open();
  await waiting.openedBy(run);
  assert.deepEqual(
    standIns.inspected,
    ['a', 'broken', 'same-as-a', 'c', 'a-again'].map((name) => `/saves/${name}.sav`),
  );
  assert.deepEqual(standIns.looks, [
    { folder: '/saves' },
    { folder: '/saves', waitSeconds: 300, after: { modifiedMs: 1, path: '/saves/old.sav' } },
    { folder: '/saves', waitSeconds: 300, after: { modifiedMs: 5, path: '/saves/c.sav' } },
    { folder: '/saves', waitSeconds: 300, after: { modifiedMs: 6, path: '/saves/a-again.sav' } },
  ]);
  const asked = standIns.briefings.map(({ queue, input }) => ({ queue, ...input, save: pathOf(input.save) }));
  assert.deepEqual(
    asked.sort((one, other) => (one.save < other.save ? -1 : 1)),
    [
      { queue: QUEUE, save: '/saves/a.sav', format: 'json', sha256: hashA },
      { queue: QUEUE, save: '/saves/c.sav', format: 'json', sha256: hashC },
    ],
  );
  await record(environment, 'watchSaves.briefed', run.workflowId);
  await run.terminate();
});

test('a briefing that failed is made again for the next save like it, and a watch that ends leaves its briefings alone', async () => {
  const sha256 = 'f1'.repeat(32);
  standIns.inspect = () => ({ ...INSPECTED, sha256 });
  const [failed, begun, goOn] = [gate(), gate(), gate()];
  standIns.find = async (look) => {
    if (look === 1) return { ...NOTHING, saves: found('f.sav') };
    if (look === 2) {
      await failed.passed;
      return { ...NOTHING, saves: found('f-again.sav') };
    }
    return await released.passed;
  };
  standIns.brief = async () => {
    if (standIns.briefings.length === 1) throw ApplicationFailure.nonRetryable('the save is another', 'Conflict');
    begun.open();
    await goOn.passed;
    return BRIEFING;
  };
  const run = await watch({ folder: '/saves', after: { modifiedMs: 1, path: '/saves/old.sav' } });
  await until('the first briefing failed', () =>
    briefing(sha256).then(
      () => undefined,
      (error: unknown) => (error instanceof WorkflowFailedError ? true : undefined),
    ),
  );
  failed.open();
  await begun.openedBy(run);
  await run.terminate();
  goOn.open();
  assert.deepEqual(await briefing(sha256), BRIEFING);
});

test('a watch whose history grows with long briefings goes on in another run and leaves no save out', async () => {
  const megabyte = 'x'.repeat(1_500_000);
  const saves = found('1.sav', '2.sav', '3.sav', '4.sav', '5.sav', '6.sav');
  const again = new Gate();
  standIns.brief = () => ({ ...BRIEFING, page: megabyte });
  standIns.find = (look) => {
    if (look === 1) return { ...NOTHING, saves, mark: { modifiedMs: 7, path: '/saves/6.sav' } };
    again.open();
    return released.passed;
  };
  standIns.inspect = async (path) => {
    if (path.endsWith('4.sav')) {
      await until('three briefings are in the history', async () => {
        const { historySize } = await run.describe();
        return (historySize ?? 0) > 3 * megabyte.length ? true : undefined;
      });
    }
    return { ...INSPECTED, sha256: `e${path.slice(-5, -4)}`.repeat(32) };
  };
  const run = await watch({ folder: '/saves', after: { modifiedMs: 1, path: '/saves/old.sav' } });
  await again.openedBy(run);
  assert.deepEqual(
    standIns.inspected,
    saves.slice(0, 4).map(({ path }) => path),
  );
  assert.deepEqual(standIns.looks[1], {
    folder: '/saves',
    waitSeconds: 300,
    after: { modifiedMs: 5, path: '/saves/4.sav' },
  });
  const next = environment.client.workflow.getHandle('watch-saves/host-a');
  assert.notEqual((await next.describe()).runId, run.firstExecutionRunId);
  await next.terminate();
});

test('a watch that is told where to begin begins there, and nonsense is an input error', async () => {
  const asked = new Gate();
  standIns.find = () => {
    asked.open();
    return released.passed;
  };
  const run = await watch({ folder: '/saves', after: { modifiedMs: 7, path: '/saves/x.sav' } });
  await asked.openedBy(run);
  assert.deepEqual(standIns.looks[0]?.after, { modifiedMs: 7, path: '/saves/x.sav' });
  await run.terminate();
  for (const input of [{}, { folder: 3 }, { folder: '/s', after: 'x' }, { folder: '/s', hostId: 1 }, 'x']) {
    const failure = asApplicationFailure(await failureOf((await watch(input)).result()));
    assert.equal(failure.type, 'InvalidInput', JSON.stringify(input));
  }
});
