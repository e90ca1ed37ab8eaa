import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ActivityFailure, ApplicationFailure, CancelledFailure, defineSearchAttributeKey } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ErrorDetails } from '../src/contracts/errors.js';
import { HeavyComputeQueue } from '../src/contracts/heavy-compute.js';
import { SearchAttributes } from '../src/contracts/names.js';
import type { RunProgress } from '../src/contracts/types.js';
import { startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { Gate } from './support/gate.js';
import { record } from './support/histories.js';
import { progressOf, startIndexRepo } from './support/indexing.js';
import { FINISH, HOST_QUEUE, REST, SCIP, StandIns, WORKSPACE } from './support/stand-ins.js';

// temporal.api.enums.v1.ParentClosePolicy: the server ends children late, so that looking at them alone proves little.
const ABANDON = 2;

let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new StandIns();

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  await workers.startWorkflows();
  for (const queue of [HeavyComputeQueue, HOST_QUEUE]) await workers.start(queue, { activities: standIns.on(queue) });
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

test('indexes a local folder and puts the result together', async () => {
  const run = await startIndexRepo(environment, { path: '/sources/demo' }, 'index/acme/demo/with/slashes');
  assert.deepEqual(await run.result(), {
    repoId: 'demo/with/slashes',
    orgId: 'acme',
    commit: WORKSPACE.commit,
    languages: WORKSPACE.languages,
    counts: FINISH.counts,
    skipped: REST.skipped,
    unchanged: 3,
    written: 16,
    removed: 330,
    calls: REST.calls,
    indexes: SCIP.indexes,
    covered: 2,
    references: SCIP.references,
    activities: [
      { activity: 'prepareWorkspace', phases: { scan: 5 }, peakRssBytes: 1000 },
      { activity: 'runScip', phases: { index: 6 }, peakRssBytes: 1500 },
      { activity: 'parseRest', phases: { parse: 7 }, peakRssBytes: 2000 },
      { activity: 'finishIndex', phases: { remove: 9 }, peakRssBytes: 3000 },
    ],
    warnings: [
      { code: 'fileVanished', message: 'a.ts vanished', count: 5 },
      { code: 'linkSkipped', message: 'link skipped', count: 2 },
      { code: 'documentSkipped', message: 'gone.ts is not there', count: 1 },
    ],
  });
  const target = { repoId: 'demo/with/slashes', orgId: 'acme' };
  assert.deepEqual(standIns.callsFor('demo/with/slashes'), [
    { queue: HeavyComputeQueue, activity: 'prepareWorkspace', input: { ...target, path: '/sources/demo' } },
    {
      queue: HOST_QUEUE,
      activity: 'runScip',
      input: {
        ...target,
        commit: WORKSPACE.commit,
        workspaceDir: WORKSPACE.workspaceDir,
        packageRoots: WORKSPACE.packageRoots,
      },
    },
    {
      queue: HOST_QUEUE,
      activity: 'parseRest',
      input: {
        ...target,
        commit: WORKSPACE.commit,
        workspaceDir: WORKSPACE.workspaceDir,
        covered: SCIP.covered,
      },
    },
    {
      queue: HOST_QUEUE,
      activity: 'finishIndex',
      input: { ...target, commit: WORKSPACE.commit, scanned: REST.scanned },
    },
  ]);
  await record(environment, 'indexRepo.joined', run.workflowId);
});

test('hands the wanted indexers and the given indexes on, and no list of covered files that is empty', async () => {
  const nothing = { ...SCIP, indexes: [], coveredCount: 0 };
  delete nothing.covered;
  standIns.behave('chosen', { runScip: () => Promise.resolve(nothing) });
  const wanted = { indexers: [], scipFiles: ['build/index.scip', '/indexes/other.scip'] };
  const run = await startIndexRepo(environment, { path: '/sources/chosen', repoId: 'chosen', ...wanted });
  assert.equal((await run.result()).covered, 0);
  const [, scip, rest] = standIns.callsFor('chosen').map(({ input }) => input);
  const target = { repoId: 'chosen', orgId: 'default', commit: WORKSPACE.commit, workspaceDir: WORKSPACE.workspaceDir };
  assert.deepEqual(scip, { ...target, ...wanted, packageRoots: WORKSPACE.packageRoots });
  assert.deepEqual(rest, target);

  // As clients in other languages say that there is nothing to say.
  const silent = { path: '/sources/silent', repoId: 'silent', indexers: null, scipFiles: null };
  await (await startIndexRepo(environment, silent)).result();
  assert.deepEqual(Object.keys(standIns.callsFor('silent')[1]?.input ?? {}).sort(), [
    'commit',
    'orgId',
    'packageRoots',
    'repoId',
    'workspaceDir',
  ]);
});

test('can be found and read in the UI, without the secrets of a URL', async () => {
  const run = await startIndexRepo(environment, {
    repoUrl: 'https://user:pass@git.example/demo.git?token=secret',
    repoId: 'shown',
    branch: 'main',
    credential: 'env:TOKEN',
  });
  await run.result();
  const { typedSearchAttributes } = await run.describe();
  assert.equal(
    typedSearchAttributes.get(defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD')),
    'heavy-compute',
  );
  assert.equal(typedSearchAttributes.get(defineSearchAttributeKey(SearchAttributes.repo, 'KEYWORD')), 'shown');

  const { events } = await run.fetchHistory();
  const summaries = (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes)
    .map((event): unknown => JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? []).toString()));
  assert.deepEqual(summaries, [
    'clone https://git.example/demo.git',
    'join the indexes of shown',
    'parse the rest of shown',
    'remove what is gone from shown',
  ]);
  assert.deepEqual(standIns.callsFor('shown')[0]?.input, {
    repoId: 'shown',
    orgId: 'default',
    repoUrl: 'https://user:pass@git.example/demo.git?token=secret',
    branch: 'main',
    credential: 'env:TOKEN',
  });
});

test('tells how far it is', async () => {
  const gates = () => ({
    prepareWorkspace: new Gate(),
    runScip: new Gate(),
    parseRest: new Gate(),
    finishIndex: new Gate(),
  });
  const [started, goOn] = [gates(), gates()];
  async function held<T>(activity: keyof typeof goOn, answer: T): Promise<T> {
    started[activity].open();
    await goOn[activity].passed;
    return answer;
  }
  standIns.behave('slow', {
    prepareWorkspace: () => held('prepareWorkspace', WORKSPACE),
    runScip: () => held('runScip', SCIP),
    parseRest: () => held('parseRest', REST),
    finishIndex: () => held('finishIndex', FINISH),
  });
  const run = await startIndexRepo(environment, { path: '/sources/slow', repoId: 'slow' });
  const seen: RunProgress[] = [];
  for (const activity of ['prepareWorkspace', 'runScip', 'parseRest', 'finishIndex'] as const) {
    await started[activity].openedBy(run);
    seen.push(await progressOf(run));
    goOn[activity].open();
  }
  await run.result();
  seen.push(await progressOf(run));
  assert.deepEqual(seen, [
    { percent: 0, step: 'preparing the workspace', activity: 'prepareWorkspace' },
    { percent: 25, step: 'joining indexes with the sources', activity: 'runScip' },
    { percent: 50, step: 'parsing the files', activity: 'parseRest' },
    { percent: 75, step: 'removing what is gone', activity: 'finishIndex' },
    { percent: 100, step: 'done' },
  ]);
});

test('refuses input that it cannot work on, and says what to do', async () => {
  const path = '/sources/x';
  const followUp = { workflowType: 'x', taskQueue: 42 };
  const refused: [input: unknown, where: string][] = [
    [{ repoId: 'x' }, 'input.repoUrl, input.path'],
    [{ repoId: 'x', path: '' }, 'input.repoUrl, input.path'],
    [{ repoId: 'x', path, repoUrl: 'https://git.example/x.git' }, 'input.repoUrl, input.path'],
    [{ path, repoId: 'x'.repeat(256) }, 'input.repoId'],
    [{ path, repoId: 7 }, 'input.repoId'],
    [{ path, repoId: 'x', hostTimeoutSeconds: '2' }, 'input.hostTimeoutSeconds'],
    [{ path, repoId: 'x', hostTimeoutSeconds: 0 }, 'input.hostTimeoutSeconds'],
    [{ path, repoId: 'x', indexers: 'scip-go' }, 'input.indexers'],
    [{ path, repoId: 'x', indexers: ['scip-go', 7] }, 'input.indexers[1]'],
    [{ path, repoId: 'x', scipFiles: {} }, 'input.scipFiles'],
    [{ path, repoId: 'x', scipFiles: [''] }, 'input.scipFiles[0]'],
    [{ path, repoId: 'x', after: {} }, 'input.after'],
    [{ path, repoId: 'x', after: [followUp] }, 'input.after[0].taskQueue'],
    [{ path, repoId: 'x', after: [{ workflowType: 'x' }] }, 'input.after[0].taskQueue'],
    [null, 'input'],
    ['x', 'input'],
  ];
  const check = async (input: unknown, where: string, workflowId?: string) => {
    const run = await startIndexRepo(environment, input, workflowId);
    const failure = asApplicationFailure(await failureOf(run.result()));
    assert.deepEqual([failure.type, failure.nonRetryable], ['InvalidInput', true]);
    const [details] = failure.details as [Record<string, unknown>];
    assert.deepEqual(Object.keys(details), ['what', 'where', 'hint']);
    assert.equal(details['where'], where);
  };
  await Promise.all(refused.map(([input, where]) => check(input, where)));
  await check({ path }, 'input.repoId, workflow id nightly', 'nightly');
  assert.deepEqual(standIns.callsFor('x'), []);
});

test('is cancelled only when its activity has stopped', async () => {
  const started = new Gate();
  let stopped = false;
  standIns.behave('cancelled', {
    async parseRest() {
      const beat = setInterval(() => {
        Context.current().heartbeat();
      }, 50);
      started.open();
      try {
        return await Context.current().cancelled;
      } finally {
        clearInterval(beat);
        stopped = true;
      }
    },
  });
  const run = await startIndexRepo(environment, { path: '/sources/cancelled', repoId: 'cancelled' });
  await started.openedBy(run);
  await run.cancel();
  assert.ok((await failureOf(run.result())) instanceof CancelledFailure);
  assert.ok(stopped);
  assert.equal((await run.describe()).status.name, 'CANCELLED');
  await record(environment, 'indexRepo.joinedCancelled', run.workflowId);
});

test('passes the type and details of an activity’s failure on', async () => {
  const details = { what: 'refused', where: '/store', hint: 'free some space' };
  standIns.behave('refused', {
    finishIndex: () =>
      Promise.reject(
        ApplicationFailure.create({ message: 'no', type: 'StoreRejected', nonRetryable: true, details: [details] }),
      ),
  });
  const run = await startIndexRepo(environment, { path: '/sources/refused', repoId: 'refused' });
  const failure = await failureOf(run.result());
  assert.ok(failure instanceof ActivityFailure);
  const cause = asApplicationFailure(failure.cause);
  assert.deepEqual([cause.type, cause.details], ['StoreRejected', [details]]);
});

test('fails with the place of an answer that was too big for it', async () => {
  const resultBlob = { uri: 'file:///blobs/cd/cdcd', sha256: 'cd'.repeat(32), bytes: 300_000 };
  standIns.behave('big', { parseRest: () => Promise.resolve({ resultBlob }) });
  const run = await startIndexRepo(environment, { path: '/sources/big', repoId: 'big' });
  const { type, details, nonRetryable } = asApplicationFailure(await failureOf(run.result()));
  assert.deepEqual([type, nonRetryable], ['LimitExceeded', true]);
  const [{ what, where }] = details as [ErrorDetails];
  assert.deepEqual([what, where], ['an activity answered 300000 bytes, more than a workflow can take', resultBlob.uri]);
  assert.deepEqual(
    standIns.callsFor('big').map(({ activity }) => activity),
    ['prepareWorkspace', 'runScip', 'parseRest'],
  );
});

test('starts what follows with the result, and those runs outlive it', async () => {
  // Nobody polls this queue: the children stay as they were started.
  const after = ['report', 'notify'].map((workflowType) => ({ workflowType, taskQueue: 'elsewhere' }));
  const already = await environment.client.workflow.start('notify', {
    workflowId: 'notify/default/followed',
    taskQueue: 'elsewhere',
  });
  const run = await startIndexRepo(environment, { path: '/sources/followed', repoId: 'followed', after });
  const result = await run.result();

  const report = environment.client.workflow.getHandle('report/default/followed');
  assert.equal((await report.describe()).status.name, 'RUNNING');
  const [first] = (await report.fetchHistory()).events ?? [];
  const [input] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  assert.deepEqual(JSON.parse(Buffer.from(input?.data ?? []).toString()), result);

  const { events } = await run.fetchHistory();
  assert.deepEqual(
    (events ?? []).flatMap(
      (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.parentClosePolicy ?? [],
    ),
    [ABANDON, ABANDON],
  );

  const notify = await environment.client.workflow.getHandle('notify/default/followed').describe();
  assert.deepEqual([notify.status.name, notify.runId], ['RUNNING', already.firstExecutionRunId]);
  assert.equal((await progressOf(run)).percent, 100);
});

test('takes names of any length and script', async () => {
  const repoId = '"𝄞\n'.repeat(60);
  const run = await startIndexRepo(environment, { path: `/sources/${repoId}`, repoId });
  assert.equal((await run.result()).repoId, repoId);
});
