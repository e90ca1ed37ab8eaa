import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { HeavyComputeQueue } from '../src/contracts/heavy-compute.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';
import { progressOf, startIndexRepo } from './support/indexing.js';
import { testWorkflows } from './support/paths.js';
import { HOST_QUEUE, SCIP, StandIns, WORKSPACE } from './support/stand-ins.js';

const GONE = 'heavy-compute@gone';
const LEAVING = 'heavy-compute@leaving';

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new StandIns();

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows({
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: testWorkflows('impatient'),
      logger: new DefaultLogger('WARN'),
    }),
  });
  for (const queue of [HeavyComputeQueue, HOST_QUEUE]) await workers.start(queue, { activities: standIns.on(queue) });
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

test('begins afresh on another host when nobody answers', async () => {
  const again = new Gate();
  const goOn = new Gate();
  let prepared = 0;
  standIns.behave('moved', {
    async prepareWorkspace() {
      prepared += 1;
      if (prepared === 1) return { ...WORKSPACE, hostQueue: GONE };
      again.open();
      await goOn.passed;
      return WORKSPACE;
    },
  });
  const run = await startIndexRepo(environment, { path: '/sources/moved', repoId: 'moved' });
  await again.openedBy(run);
  assert.deepEqual(await progressOf(run), {
    percent: 0,
    step: `preparing the workspace again, round 2 of 3: no worker of ${GONE} answered`,
    activity: 'prepareWorkspace',
  });
  goOn.open();
  const { activities } = await run.result();
  assert.deepEqual(
    standIns.callsFor('moved').map(({ queue, activity }) => `${activity} on ${queue}`),
    [
      'prepareWorkspace on heavy-compute',
      'prepareWorkspace on heavy-compute',
      `runScip on ${HOST_QUEUE}`,
      `parseRest on ${HOST_QUEUE}`,
      `finishIndex on ${HOST_QUEUE}`,
    ],
  );
  assert.deepEqual(
    activities.map(({ activity }) => activity),
    ['prepareWorkspace', 'runScip', 'parseRest', 'finishIndex'],
  );
  await record(environment, 'indexRepo.joinedHostGone', run.workflowId);
});

test('joins the indexes anew on another host when the first one goes away meanwhile', async () => {
  const leaving = await workers.start(LEAVING, { activities: standIns.on(LEAVING) });
  let prepared = 0;
  let joined = 0;
  standIns.behave('left', {
    prepareWorkspace() {
      prepared += 1;
      return Promise.resolve(prepared === 1 ? { ...WORKSPACE, hostQueue: LEAVING } : WORKSPACE);
    },
    runScip() {
      joined += 1;
      if (joined > 1) return Promise.resolve(SCIP);
      // The next attempt finds nobody on this queue.
      leaving.shutdown();
      return Promise.reject(ApplicationFailure.retryable('the indexer was killed', 'IndexerFailed'));
    },
  });
  const run = await startIndexRepo(environment, { path: '/sources/left', repoId: 'left' });
  const { activities, covered } = await run.result();
  assert.deepEqual(
    standIns.callsFor('left').map(({ queue, activity }) => `${activity} on ${queue}`),
    [
      'prepareWorkspace on heavy-compute',
      `runScip on ${LEAVING}`,
      'prepareWorkspace on heavy-compute',
      `runScip on ${HOST_QUEUE}`,
      `parseRest on ${HOST_QUEUE}`,
      `finishIndex on ${HOST_QUEUE}`,
    ],
  );
  assert.deepEqual([activities.length, covered], [4, SCIP.coveredCount], 'a round that was given up leaves no trace');
});

test('gives up after three rounds and names the host queue', async () => {
  standIns.behave('lost', { prepareWorkspace: () => Promise.resolve({ ...WORKSPACE, hostQueue: GONE }) });
  const run = await startIndexRepo(environment, { path: '/sources/lost', repoId: 'lost' });
  const failure = asApplicationFailure(await failureOf(run.result()));
  assert.equal(failure.type, 'NotFound');
  assert.match(failure.message, /no worker of host queue heavy-compute@gone answered, in 3 rounds/u);
  assert.equal(standIns.callsFor('lost').length, 3);
});
