import { DEFAULT_IMPORT_PARALLEL, MAX_IMPORT_FILES, RETRYABLE } from '../contracts/names.js';
import type { ErrorType } from '../contracts/errors.js';
import type { FileRef, ImportedFile, ImportError, ImportFilesInput, ImportFormat } from '../contracts/types.js';
import { invalidInput, tooMuch } from './failures.js';
import { blobOf, fileOf, nameOf } from './file-target.js';
import { amountOf, countOf, fieldsOf, hostOf, optionalTextOf, textOf, wrongKind } from './host-target.js';

/** What is imported, and how. */
export interface ImportTarget {
  /** The files that are still to be imported, each once. */
  readonly files: readonly FileRef[];
  /** What became of those before them. */
  readonly done: readonly ImportedFile[];
  readonly parallel: number;
  readonly source: string | undefined;
  readonly format: ImportFormat | undefined;
  readonly host: string | undefined;
}

// More does not make a writer faster that takes one after the other.
const MOST_AT_ONCE = 64;
// With what is reported of each file, their names have to fit into one payload (2 MiB): the result's, and that of the
// input of the next run.
const MOST_NAME_BYTES = 512 * 1024;

/** Checks the input. */
export function importTargetOf(input: ImportFilesInput | null | undefined): ImportTarget {
  const fields = fieldsOf(input);
  const done = listOf(fields.done ?? [], 'input.done').map((file, index) => importedOf(file, `input.done[${index}]`));
  const given = listOf(fields.files, 'input.files').map((file, index) => fileOf(file, `input.files[${index}]`));
  const files = [...new Map(given.map((file) => [nameOf(file), file])).values()];
  if (files.length + done.length === 0) {
    throw invalidInput({ what: 'there is no file to import', where: 'input.files', hint: 'name one file or more' });
  }
  checkSize([...done.map(({ file }) => file), ...files]);
  const parallel = countOf(fields.parallel, 'input.parallel') ?? DEFAULT_IMPORT_PARALLEL;
  if (parallel > MOST_AT_ONCE) throw wrongKind('input.parallel', `a whole number from 1 to ${MOST_AT_ONCE}`);
  return {
    files,
    done,
    parallel,
    source: optionalTextOf(fields.source, 'input.source'),
    format: fields.format === undefined || fields.format === null ? undefined : formatOf(fields.format),
    host: hostOf(fields.hostId),
  };
}

function formatOf(format: unknown): ImportFormat {
  switch (format) {
    case 'auto':
    case 'jsonl':
    case 'gzip':
    case 'zstd':
      return format;
    default:
      throw wrongKind('input.format', 'auto, jsonl, gzip or zstd');
  }
}

function checkSize(files: readonly FileRef[]): void {
  const bytes = new TextEncoder().encode(JSON.stringify(files)).length;
  if (files.length <= MAX_IMPORT_FILES && bytes <= MOST_NAME_BYTES) return;
  throw tooMuch({
    what: `the list has ${files.length} files and takes ${bytes} bytes`,
    where: 'input.files',
    hint: `split it: an import takes ${MAX_IMPORT_FILES} files, and ${MOST_NAME_BYTES} bytes of list, at most`,
  });
}

function importedOf(value: unknown, where: string): ImportedFile {
  if (typeof value !== 'object') throw wrongKind(where, 'an object');
  const fields = fieldsOf(value as ImportedFile | null);
  const amount = (name: 'lines' | 'stored' | 'duplicates' | 'rejected' | 'bytes'): number =>
    amountOf(fields[name], `${where}.${name}`);
  return {
    file: fileOf(fields.file, `${where}.file`),
    lines: amount('lines'),
    stored: amount('stored'),
    duplicates: amount('duplicates'),
    rejected: amount('rejected'),
    bytes: amount('bytes'),
    ...(fields.rejects !== undefined && { rejects: blobOf(fields.rejects, `${where}.rejects`) }),
    ...(fields.error !== undefined && { error: errorOf(fields.error, `${where}.error`) }),
  };
}

function errorOf(value: unknown, where: string): ImportError {
  if (typeof value !== 'object') throw wrongKind(where, 'an object');
  const { type, message } = fieldsOf(value as ImportError | null);
  if (!isErrorType(type)) throw wrongKind(`${where}.type`, 'the type of an error');
  return { type, message: textOf(message, `${where}.message`) };
}

/** Whether this is a type of the contracts. */
export function isErrorType(type: unknown): type is ErrorType {
  return typeof type === 'string' && Object.hasOwn(RETRYABLE, type);
}

function listOf(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw wrongKind(where, 'a list');
  return value;
}
