import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  continueAsNew,
  isCancellation,
  log,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { clipped } from '../call.js';
import { importEvents, IngestQueue } from '../contracts/ingest.js';
import { SearchAttributes } from '../contracts/names.js';
import type { FileRef, ImportedFile, ImportError, ImportFilesInput, ImportFilesOutput } from '../contracts/types.js';
import { nothingImported } from './failures.js';
import { nameOf, queueFor } from './file-target.js';
import { type ImportTarget, importTargetOf, isErrorType } from './import-target.js';
import { Progress } from './progress.js';

const SYSTEM = 'ingest';
// A file takes about six events of the history.
const FILES_A_RUN = 300;
const MESSAGE_BYTES = 300;

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');
const bytes = defineSearchAttributeKey(SearchAttributes.bytes, 'INT');

/** How long a list one run works on. */
export interface ImportOptions {
  /** After so many files another run goes on, with a history of its own. */
  readonly filesARun: number;
}

/** Writes the events of some files to the event store, a few files at a time. */
export function importFiles(input?: ImportFilesInput | null): Promise<ImportFilesOutput> {
  return importFilesIn(input, { filesARun: FILES_A_RUN });
}

/**
 * The workflow behind {@link importFiles}. A file that cannot be imported is told in the result and stops no other; if it
 * is so with all of them, the run fails.
 */
export async function importFilesIn(
  input: ImportFilesInput | null | undefined,
  options: ImportOptions,
): Promise<ImportFilesOutput> {
  const progress = new Progress();
  const target = importTargetOf(input);
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);

  const done = [...target.done, ...(await importSome(target, options, progress))];
  const left = target.files.slice(done.length - target.done.length);
  if (left.length > 0) await continueAsNew<typeof importFiles>({ ...input, files: left, done });

  const output = outputOf(done);
  upsertSearchAttributes([{ key: bytes, value: output.bytes }]);
  const [first] = done;
  if (first?.error !== undefined && done.every(({ error }) => error !== undefined)) {
    throw nothingImported(done.length, nameOf(first.file), first.error);
  }
  progress.at(100, 'done');
  return output;
}

/** What became of the files of this run: the first ones of the list, in its order. */
async function importSome(
  target: ImportTarget,
  { filesARun }: ImportOptions,
  progress: Progress,
): Promise<ImportedFile[]> {
  const { files, done } = target;
  const imported: ImportedFile[] = [];
  const tally = new Tally(files.length + done.length, progress);
  done.forEach((file) => tally.count(file));
  let next = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (next < filesARun && !workflowInfo().continueAsNewSuggested) {
      const index = next;
      const file = files[index];
      if (file === undefined) return;
      next += 1;
      const result = await importOne(file, target);
      imported[index] = result;
      tally.count(result);
    }
  };
  tally.tell();
  // A run that is cancelled ends when none of its activities works any more.
  const lanes = await Promise.allSettled(Array.from({ length: target.parallel }, oneAfterAnother));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  return imported;
}

/** How many files are done, for whoever asks. */
class Tally {
  #done = 0;
  #failed = 0;
  #lines = 0;

  constructor(
    private readonly files: number,
    private readonly progress: Progress,
  ) {}

  count({ lines, error }: ImportedFile): void {
    this.#done += 1;
    this.#lines += lines;
    if (error !== undefined) this.#failed += 1;
    this.tell();
  }

  tell(): void {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    this.progress.at(
      Math.floor((100 * this.#done) / this.files),
      `importing: ${this.#done} of ${this.files} files, ${this.#lines} lines${failed}`,
      'importEvents',
    );
  }
}

async function importOne(file: FileRef, { source, format, host }: ImportTarget): Promise<ImportedFile> {
  const name = nameOf(file);
  try {
    const { lines, stored, duplicates, rejected, rejects, bytes } = await importEvents(
      { file, ...(source !== undefined && { source }), ...(format !== undefined && { format }) },
      { taskQueue: queueFor(IngestQueue, host, file), summary: `import ${name}` },
    );
    return { file, lines, stored, duplicates, rejected, ...(rejects !== undefined && { rejects }), bytes };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const told = errorOf(error);
    log.warn('a file could not be imported; the others go on', { file: name, ...told });
    return { file, lines: 0, stored: 0, duplicates: 0, rejected: 0, bytes: 0, error: told };
  }
}

/** What the last attempt died of; one that nobody answered for within its time has no error of its own. */
function errorOf(failure: ActivityFailure): ImportError {
  let innermost: Error = failure;
  for (let cause = failure.cause; cause !== undefined; cause = cause.cause instanceof Error ? cause.cause : undefined) {
    if (cause instanceof ApplicationFailure) {
      return {
        type: isErrorType(cause.type) ? cause.type : 'Internal',
        message: clipped(cause.message, MESSAGE_BYTES),
      };
    }
    innermost = cause;
  }
  return { type: 'LimitExceeded', message: clipped(`no attempt ended in time: ${innermost.message}`, MESSAGE_BYTES) };
}

function outputOf(files: ImportedFile[]): ImportFilesOutput {
  const sum = (of: (file: ImportedFile) => number): number => files.reduce((total, file) => total + of(file), 0);
  return {
    files,
    lines: sum(({ lines }) => lines),
    stored: sum(({ stored }) => stored),
    duplicates: sum(({ duplicates }) => duplicates),
    rejected: sum(({ rejected }) => rejected),
    bytes: sum((file) => file.bytes),
  };
}
