import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { CONTRACTS_HASH, WORKFLOWS_QUEUE } from '../src/contracts/names.js';
import { freeLoopbackPort } from '../src/metrics.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { WORKER } from './support/paths.js';
import { SERVER_ARGUMENTS, temporalCli } from './support/temporal-cli.js';
import { WatchedProcess } from './support/worker-process.js';

const started: WatchedProcess[] = [];
after(() => {
  for (const process of started) process.signal('SIGKILL');
});

function start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): WatchedProcess {
  const process = new WatchedProcess(command, args, environment);
  started.push(process);
  return process;
}

function startWorker(environment: NodeJS.ProcessEnv): WatchedProcess {
  return start(process.execPath, [WORKER], {
    PATH: process.env['PATH'],
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    GANTRY_ADMIN_LISTEN: '127.0.0.1:0',
    ...environment,
  });
}

function startServer(port: number, namespace: string, more: readonly string[] = SERVER_ARGUMENTS): WatchedProcess {
  const args = ['--headless', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  return start(temporalCli(), ['server', 'start-dev', ...args, ...more], process.env);
}

/** Asks until the answer has that status; there is nothing to wait on in another process but its answers. */
async function untilStatus(url: string, status: number): Promise<Record<string, unknown>> {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const response = await fetch(url, { signal: limit });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status === status) return body;
    await pause(50, undefined, { signal: limit });
  }
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
      assert.equal(await start(temporalCli(), [...args, '--address', address], process.env).exited, 0);
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
