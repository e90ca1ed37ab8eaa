import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { CONTRACTS_HASH, WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import { freeLoopbackPort } from '../src/metrics.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { runCli, startServer, startWorker, stopAll } from './support/processes.js';
import { until } from './support/until.js';

// temporal.api.enums.v1.TaskQueueType
const WORKFLOW_TASKS = 1;

after(stopAll);

/** Waits until that page of the worker has that status. */
function untilStatus(url: string, status: number): Promise<Record<string, unknown>> {
  return until(`${url} answers ${status}`, async () => {
    const response = await fetch(url);
    const body = (await response.json()) as Record<string, unknown>;
    return response.status === status ? body : undefined;
  });
}

/** What those who poll our queue for workflow tasks call themselves. */
async function identities({ workflowService }: Connection, namespace: string): Promise<string[]> {
  const pollers = await until('somebody polls', async () => {
    const taskQueue = { name: WORKFLOWS_QUEUE };
    const answer = await workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_TASKS });
    return answer.pollers?.length ? answer.pollers : undefined;
  });
  return [...new Set(pollers.map(({ identity }) => identity ?? ''))];
}

test('waits for the server, works, notices that it is gone, and stops in order', { timeout: 60_000 }, async () => {
  const port = await freeLoopbackPort();
  const address = `127.0.0.1:${port}`;
  const worker = startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'late' });
  const [, admin] = await worker.line(/ workflow worker starts .* admin=(\S+)$/u);
  const [first] = worker.lines;
  for (const field of [
    `queue=${WORKFLOWS_QUEUE}`,
    'namespace=late',
    `address=${address}`,
    `contracts=${CONTRACTS_HASH}`,
  ]) {
    assert.ok(first?.includes(` ${field} `), `${field} in ${first}`);
  }
  await worker.line(
    new RegExp(` WARN  Temporal at ${address} does not answer \\(Connection refused\\); trying again in 0.5 s$`, 'u'),
  );
  assert.deepEqual(await untilStatus(`http://${admin}/live`, 200), { live: true });
  assert.deepEqual(await untilStatus(`http://${admin}/ready`, 503), {
    ready: false,
    reason: `waiting for Temporal at ${address}, namespace late`,
  });

  const server = startServer(port, 'late');
  assert.deepEqual(await untilStatus(`http://${admin}/ready`, 200), { ready: true });
  const connection = await Connection.connect({ address });
  assert.deepEqual(await identities(connection, 'late'), [
    `gantry-workflows:${worker.pid}@${hostname()} contracts:${CONTRACTS_HASH}`,
  ]);
  const client = new Client({ connection, namespace: 'late' });
  const result = client.workflow.execute('indexRepo', { workflowId: 'x', taskQueue: WORKFLOWS_QUEUE, args: [{}] });
  assert.equal(asApplicationFailure(await failureOf(result)).type, 'InvalidInput');
  await connection.close();
  assert.match(await (await fetch(`http://${admin}/metrics`)).text(), /^temporal_num_pollers\{/mu);

  server.signal('SIGKILL');
  const { reason } = await untilStatus(`http://${admin}/ready`, 503);
  assert.match(String(reason), new RegExp(`^Temporal at ${address} does not answer \\(`, 'u'));
  startServer(port, 'late');
  await untilStatus(`http://${admin}/ready`, 200);

  worker.signal('SIGTERM');
  assert.equal(await worker.exited, 0);
  assert.match(worker.lines.at(-1) ?? '', / INFO {2}workflow worker stopped$/u);
});

test('waits for a namespace, and stops while it waits', { timeout: 30_000 }, async () => {
  const port = await freeLoopbackPort();
  const worker = startWorker({ TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_NAMESPACE: 'nowhere' });
  startServer(port, 'somewhere');
  await worker.line(/ WARN {2}Namespace nowhere at 127\.0\.0\.1:\d+ is not there yet \(.*\); trying again in 0.25 s$/u);
  worker.signal('SIGTERM');
  assert.equal(await worker.exited, 0);
});

test(
  'waits for the search attributes, without which no run could take its first step',
  { timeout: 30_000 },
  async () => {
    const port = await freeLoopbackPort();
    const address = `127.0.0.1:${port}`;
    startServer(port, 'default', []);
    const worker = startWorker({ TEMPORAL_ADDRESS: address });
    await worker.line(
      / WARN {2}Namespace default at 127\.0\.0\.1:\d+ lacks GantrySystem, GantryRepo, GantryRoute, GantryBytes: register them with `gantry setup`; trying again in [\d.]+ s$/u,
    );
    for (const [name, type] of Object.entries({ System: 'Keyword', Repo: 'Keyword', Route: 'Keyword', Bytes: 'Int' })) {
      const args = ['operator', 'search-attribute', 'create', '--name', `Gantry${name}`, '--type', type];
      assert.equal(await runCli([...args, '--address', address]), 0);
    }
    await worker.line(/ state=RUNNING$/u);
    worker.signal('SIGTERM');
    assert.equal(await worker.exited, 0);
  },
);

test('refuses a wrong setting with one line and exit code 1', { timeout: 30_000 }, async () => {
  const worker = startWorker({ GANTRY_LOG: 'loud' });
  await worker.line(/^GANTRY_LOG is "loud"; expected one of trace, debug, info, warn, error$/u);
  assert.equal(await worker.exited, 1);
  assert.equal(worker.lines.length, 1);
});
