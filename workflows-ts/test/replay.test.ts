import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { BUNDLE_KINDS, bundlePath } from '../src/bundle-path.js';
import { IDENTITY, PLAIN } from './support/environment.js';
import { type RecordedHistory, recordedHistories } from './support/histories.js';
import { HISTORIES, REPOSITORY, testWorkflows } from './support/paths.js';

interface Started {
  events: [{ workflowExecutionStartedEventAttributes: { workflowId: string } }];
}

// That core warns about a refused history is what one of the tests is for.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: { core: 'ERROR' } } },
});

async function replay({ text }: RecordedHistory, workflowBundle: WorkerOptions['workflowBundle']): Promise<void> {
  const history = JSON.parse(text) as Started;
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  await Worker.runReplayHistory({ ...(workflowBundle !== undefined && { workflowBundle }) }, history, workflowId);
}

test('every recorded run replays on each of the bundles that are shipped', async () => {
  const histories = await recordedHistories(HISTORIES);
  assert.deepEqual(
    [
      'briefSave.failed.json',
      'briefSave.onHost.json',
      'cleanupWorkspaces.hostGone.json',
      'importFiles.cancelled.json',
      'importFiles.failed.json',
      'importFiles.mixed.json',
      // Recorded before there was runScip; the workflow that made them is gone, so they cannot be recorded anew.
      'indexRepo.cancelled.json',
      'indexRepo.hostGone.json',
      'indexRepo.localPath.json',
      'indexRepo.joined.json',
      'indexRepo.joinedCancelled.json',
      'indexRepo.joinedHostGone.json',
      'shipSessions.parts.json',
      'shipSessions.cancelled.json',
      // Recorded before there was briefSave, likewise.
      'watchSaves.found.json',
      'watchSaves.briefed.json',
      'watchSessions.signalled.json',
    ].filter((file) => !histories.some((history) => history.file === file)),
    [],
    'a recorded case is missing',
  );
  for (const history of histories) {
    for (const kind of BUNDLE_KINDS) {
      const codePath = bundlePath(kind);
      await assert.doesNotReject(replay(history, { codePath }), `${history.file} on ${codePath}`);
    }
  }
});

test('a changed workflow is refused', async () => {
  const workflowsPath = testWorkflows('changed');
  const changed = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  for (const history of await recordedHistories(HISTORIES)) {
    await assert.rejects(replay(history, changed), DeterminismViolationError, history.file);
  }
});

test('a history that is no history is refused', async () => {
  await assert.rejects(Worker.runReplayHistory({ workflowBundle: PLAIN }, { events: [] }));
});

test('a folder without histories is refused', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'histories-'));
  try {
    await assert.rejects(recordedHistories(empty), /no histories/u);
  } finally {
    await rm(empty, { recursive: true });
  }
  await assert.rejects(recordedHistories(empty), /ENOENT/u);
});

test('recorded runs name no machine and no person', async () => {
  for (const { file, text } of await recordedHistories(HISTORIES)) {
    for (const name of [hostname(), REPOSITORY, '/home/', '/root/', '/Users/']) {
      assert.ok(!text.includes(name), `${file} contains ${name}`);
    }
    const identities = new Set([...text.matchAll(/"identity": "([^"]*)"/gu)].map(([, identity]) => identity));
    assert.deepEqual(
      [...identities].filter((identity) => identity !== 'history-service'),
      [IDENTITY],
      file,
    );
  }
});
