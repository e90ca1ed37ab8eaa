import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@temporalio/client';
import { type DataConverter, defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { codecKeys } from '../src/codec-keys.js';
import { HeavyComputeQueue } from '../src/contracts/heavy-compute.js';
import { encryptedWith } from '../src/encryption.js';
import { freeLoopbackPort } from '../src/metrics.js';
import { type Identity, selfSigned } from './support/certificate.js';
import { Collector } from './support/collector.js';
import { PLAIN, startEnvironment, Workers } from './support/environment.js';
import { asApplicationFailure, failureOf } from './support/failures.js';
import { progressOf, type Run, startIndexRepo } from './support/indexing.js';
import { startWorker, stopAll } from './support/processes.js';
import { HOST_QUEUE, StandIns } from './support/stand-ins.js';

const HEADER = '_tracer-data';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const START = 'b7ad6b7169203331';

let folder: string | undefined;
let environment: TestWorkflowEnvironment;
let workers: Workers;
const standIns = new StandIns();

before(async () => {
  environment = await startEnvironment();
  workers = new Workers(environment);
  for (const queue of [HeavyComputeQueue, HOST_QUEUE]) await workers.start(queue, { activities: standIns.on(queue) });
});

after(async () => {
  stopAll();
  await workers.stop();
  await environment.teardown();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function inFile(text: string): Promise<string> {
  folder ??= await mkdtemp(join(tmpdir(), 'tracing-'));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

/** A client that is in a span, and says so as the Rust client does. */
function tracedClient(dataConverter: DataConverter = {}): { client: Client } {
  const header = defaultPayloadConverter.toPayload({ traceparent: `00-${TRACE}-${START}-01` });
  const client = new Client({
    connection: environment.connection,
    dataConverter,
    interceptors: {
      workflow: [
        {
          startWithDetails: (input, next) => next({ ...input, headers: { ...input.headers, [HEADER]: header } }),
        },
      ],
    },
  });
  return { client };
}

/** The trace context that each activity of a run got along. */
async function contextsOfActivities(run: Run): Promise<(string | undefined)[]> {
  const { events } = await run.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [contextIn(scheduled.header?.fields?.[HEADER])] : [],
  );
}

function contextIn(payload: Payload | undefined): string | undefined {
  return payload && defaultPayloadConverter.fromPayload<{ traceparent: string }>(payload).traceparent;
}

function connection(): Record<string, string> {
  // Nothing is lost here when a worker stops, so that it need not wait for polls that are in flight.
  return { TEMPORAL_ADDRESS: environment.address, TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS: '1' };
}

/** Lets a worker with these variables do something, stops it, and gives what the collector got until then. */
async function collected(
  variables: Record<string, string>,
  work: () => Promise<unknown>,
  identity?: Identity,
): Promise<Collector> {
  const collector = await Collector.start(identity);
  const worker = startWorker({
    ...connection(),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '60000', // what arrives was sent when the worker stopped
    ...variables,
  });
  try {
    await work();
    worker.signal('SIGTERM');
    assert.equal(await worker.exited, 0);
    return collector;
  } finally {
    worker.signal('SIGKILL');
    collector.stop();
  }
}

test('a run joins the trace of who started it, and its activities join the run', { timeout: 30_000 }, async () => {
  let run: Run | undefined;
  const { spans, requests } = await collected({}, async () => {
    run = await startIndexRepo(tracedClient(), { path: '/sources/traced', repoId: 'traced' });
    await run.result();
    await progressOf(run);
  });
  assert.ok(run);
  assert.deepEqual(requests, ['/v1/traces application/x-protobuf']);
  const ofRun = spans.find(({ name }) => name === 'RunWorkflow:indexRepo');
  assert.equal(ofRun?.parentSpanId, START);
  const ofActivities = spans.filter((span) => span !== ofRun);
  assert.deepEqual(
    ofActivities.map(({ name, parentSpanId }) => [name, parentSpanId]),
    ['prepareWorkspace', 'runScip', 'parseRest', 'finishIndex'].map((name) => [`StartActivity:${name}`, ofRun.spanId]),
  );
  assert.deepEqual(
    await contextsOfActivities(run),
    ofActivities.map(({ spanId }) => `00-${TRACE}-${spanId}-01`),
  );
  for (const { traceId, attributes, resource } of spans) {
    assert.equal(traceId, TRACE);
    assert.deepEqual(attributes, { temporalWorkflowID: run.workflowId, temporalRunID: run.firstExecutionRunId });
    assert.equal(resource['service.name'], 'gantry-workflows');
  }
  // Whether spans are made is no part of a run: it goes on after tracing was switched off.
  await Worker.runReplayHistory({ workflowBundle: PLAIN }, await run.fetchHistory(), run.workflowId);
});

test('OpenTelemetry’s own variables hold', { timeout: 30_000 }, async () => {
  const identity = selfSigned('localhost');
  const { spans, requests } = await collected(
    {
      OTEL_SERVICE_NAME: 'renamed',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_CERTIFICATE: await inFile(identity.cert),
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    },
    async () => {
      await (await startIndexRepo(environment, { path: '/sources/alone', repoId: 'alone' })).result();
      await (await startIndexRepo(tracedClient(), { path: '/sources/named', repoId: 'named' })).result();
    },
    identity,
  );
  assert.equal(requests.length, 1);
  // The run that nobody traces is left out by the sampler, the other one follows who started it.
  assert.deepEqual([...new Set(spans.map(({ traceId }) => traceId))], [TRACE]);
  assert.equal(spans.length, 5);
  assert.equal(spans[0]?.resource['service.name'], 'renamed');
  assert.equal(spans[0].resource['deployment.environment'], 'test');
});

test('encryption leaves the trace readable', { timeout: 30_000 }, async () => {
  const keys = { GANTRY_CODEC_KEYS: 'env:KEYS', KEYS: `k1:${randomBytes(32).toString('base64')}` };
  const reader = tracedClient(encryptedWith(codecKeys('env:KEYS', keys)));
  const { spans } = await collected(keys, async () => {
    const run = await startIndexRepo(reader, { repoId: 'both' });
    assert.equal(asApplicationFailure(await failureOf(run.result())).type, 'InvalidInput');
  });
  assert.deepEqual(
    spans.map(({ name, traceId, parentSpanId }) => [name, traceId, parentSpanId]),
    [['RunWorkflow:indexRepo', TRACE, START]],
  );
});

test('a collector that is away costs a warning, and the worker stops in order', { timeout: 30_000 }, async () => {
  const endpoint = `http://127.0.0.1:${await freeLoopbackPort()}`;
  const worker = startWorker({ ...connection(), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  await (await startIndexRepo(environment, { path: '/sources/lost', repoId: 'lost' })).result();
  worker.signal('SIGTERM');
  await worker.line(/ WARN {2}spans are lost: the collector did not take them \(.*\)$/u);
  assert.equal(await worker.exited, 0);
});

test('nothing is traced when tracing is off', { timeout: 30_000 }, async () => {
  let run: Run | undefined;
  const { requests } = await collected({ OTEL_SDK_DISABLED: 'true' }, async () => {
    run = await startIndexRepo(tracedClient(), { path: '/sources/quiet', repoId: 'quiet' });
    await run.result();
  });
  assert.ok(run);
  assert.deepEqual(await contextsOfActivities(run), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(requests, []);
});
