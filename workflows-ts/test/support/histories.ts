import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HISTORIES } from './paths.js';
import { temporalCli } from './temporal-cli.js';

/** A recorded run. */
export interface RecordedHistory {
  readonly file: string;
  readonly text: string;
}

/**
 * Keeps the history of a run for the replay tests, as the CLI shows it. Only on purpose, with
 * GANTRY_RECORD_HISTORIES=1: a history recorded by the code that it is to judge proves nothing.
 */
export async function record(environment: TestWorkflowEnvironment, name: string, workflowId: string): Promise<void> {
  if (process.env['GANTRY_RECORD_HISTORIES'] !== '1') return;
  const { stdout } = await promisify(execFile)(
    temporalCli(),
    ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', '--address', environment.address],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  // Stack traces name the folders of the machine that recorded; replay does not look at them.
  const history: unknown = JSON.parse(stdout, (key, value: unknown) => (key === 'stackTrace' ? '' : value));
  await mkdir(HISTORIES, { recursive: true });
  await writeFile(join(HISTORIES, `${name}.json`), `${JSON.stringify(history, undefined, 2)}\n`);
}

/** All recorded runs. A folder that is missing or empty is an error: replaying nothing would pass. */
export async function recordedHistories(folder: string): Promise<RecordedHistory[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  if (files.length === 0) throw new Error(`no histories in ${folder}`);
  return await Promise.all(files.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })));
}
