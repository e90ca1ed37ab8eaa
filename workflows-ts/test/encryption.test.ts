import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { bundlePath } from '../src/bundle-path.js';
import { HeavyComputeQueue } from '../src/contracts/heavy-compute.js';
import { GET_PROGRESS } from '../src/contracts/names.js';
import { encryptedWith } from '../src/encryption.js';
import { IDENTITY, startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { progressOf, type Run, startIndexRepo } from './support/indexing.js';
import { HOST_QUEUE, REST, StandIns, WORKSPACE } from './support/stand-ins.js';
import { until } from './support/until.js';

const { History } = proto.temporal.api.history.v1;

const newKey = (id: string) => ({ id, key: createSecretKey(randomBytes(32)) });
const key = newKey('k1');
const dataConverter = encryptedWith([key]);
const workflowBundle = { codePath: bundlePath({ encrypted: true, traced: false }) };

let environment: TestWorkflowEnvironment;
let workers: Workers;
let reader: { client: Client };
const standIns = new StandIns();

function clientWith(converter: typeof dataConverter): { client: Client } {
  return { client: new Client({ connection: environment.connection, dataConverter: converter, identity: IDENTITY }) };
}

before(async () => {
  environment = await startEnvironment();
  reader = clientWith(dataConverter);
  workers = new Workers(environment);
  await workers.startWorkflows({ workflowBundle, dataConverter });
  for (const queue of [HeavyComputeQueue, HOST_QUEUE]) {
    await workers.start(queue, { activities: standIns.on(queue), dataConverter });
  }
});

after(async () => {
  await workers.stop();
  await environment.teardown();
});

/** What a connection without the keys sees of a run: all bytes that the server has of it. */
async function stored({ workflowId }: Run): Promise<string> {
  const history = await environment.client.workflow.getHandle(workflowId).fetchHistory();
  return Buffer.from(History.encode(history).finish()).toString('latin1');
}

/** What is in the payloads of a run for somebody with the keys; search attributes, which stay readable, left out. */
async function readable({ workflowId }: Run): Promise<string> {
  const history = await environment.client.workflow.getHandle(workflowId).fetchHistory();
  const opened = await dataConverter.payloadCodecs?.[0]?.decode(encryptedPayloads(history));
  return (opened ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
}

function encryptedPayloads(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const encoding = (value as Payload).metadata?.['encoding'];
  if (Buffer.from(encoding ?? []).toString() === 'binary/encrypted') return [value];
  return Object.values(value).flatMap(encryptedPayloads);
}

/** Each text is in the run, and the server has none of them. */
async function assertHidden(run: Run, texts: readonly string[]): Promise<void> {
  const [all, inPayloads] = [await stored(run), await readable(run)];
  for (const text of texts) {
    assert.ok(inPayloads.includes(text), `${text} is not in the run at all:\n${inPayloads}`);
    assert.ok(!all.includes(text), `the server can read ${text}`);
  }
}

test('input, results, summaries and queries are readable with the keys alone', async () => {
  const run = await startIndexRepo(reader, { path: '/sources/hidden', repoId: 'hidden', branch: 'hush' });
  assert.equal((await run.result()).commit, WORKSPACE.commit);
  await assertHidden(run, [
    '/sources/hidden',
    'hush',
    '"scan /sources/hidden"',
    '"parse the rest of hidden"',
    WORKSPACE.workspaceDir,
    WORKSPACE.commit ?? '',
    REST.scanned.uri,
    'b.ts vanished',
  ]);

  assert.equal((await progressOf(run)).percent, 100);
  const { queryResult } = await environment.client.workflowService.queryWorkflow({
    namespace: environment.client.options.namespace,
    execution: { workflowId: run.workflowId },
    query: { queryType: GET_PROGRESS },
  });
  assert.equal(encryptedPayloads(queryResult).length, 1);
});

test('failures are readable with the keys alone, and keep their type and details', async () => {
  const details = { what: 'no room', where: '/store/of/secrets', hint: 'free some space' };
  standIns.behave('failing', {
    finishIndex: () =>
      Promise.reject(
        ApplicationFailure.create({
          message: 'the disk of a customer is full',
          type: 'StoreRejected',
          nonRetryable: true,
          details: [details],
        }),
      ),
  });
  const run = await startIndexRepo(reader, { path: '/sources/failing', repoId: 'failing' });
  const failure = await failureOf(run.result());
  assert.ok(failure instanceof ActivityFailure);
  const cause = asApplicationFailure(failure.cause);
  assert.deepEqual(
    [cause.type, cause.message, cause.details],
    ['StoreRejected', 'the disk of a customer is full', [details]],
  );
  // The compiled stand-in's own file is in the stack of the activity's failure.
  await assertHidden(run, ['the disk of a customer is full', '/store/of/secrets', 'encryption.test.js']);
});

test('a failure of the workflow itself is readable with the keys alone', async () => {
  const run = await startIndexRepo(reader, { path: '/sources/both', repoUrl: 'https://git.example/both.git' });
  const failure = asApplicationFailure(await failureOf(run.result()));
  assert.equal(failure.type, 'InvalidInput');
  await assertHidden(run, ['both repoUrl and path are given', 'index-repo-target']);
});

test('a run that was started in the clear goes on, and ends encrypted', async () => {
  const { workflowId } = await startIndexRepo(environment, { path: '/sources/clear', repoId: 'clear' });
  const run = reader.client.workflow.getHandle(workflowId) as Run;
  assert.equal((await run.result()).repoId, 'clear');
  assert.ok((await stored(run)).includes('/sources/clear'));
  await assertHidden(run, [WORKSPACE.workspaceDir]);
});

test('an encrypted run replays with its keys', async () => {
  const run = await startIndexRepo(reader, { path: '/sources/again', repoId: 'again' });
  await run.result();
  const history = await run.fetchHistory();
  await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, run.workflowId);
});

test('a run whose key the worker lacks waits for it instead of failing', async () => {
  const stranger = clientWith(encryptedWith([newKey('elsewhere')]));
  const run = await startIndexRepo(stranger, { path: '/sources/strange', repoId: 'strange' });
  await until('the workflow task fails', async () => {
    const { events } = await run.fetchHistory();
    return events?.find((event) => event.workflowTaskFailedEventAttributes);
  });
  assert.equal((await run.describe()).status.name, 'RUNNING');
  await run.terminate();
});
