import type { BlobRef, FileRef } from '../contracts/types.js';
import { amountOf, queueOn, textOf, wrongKind } from './host-target.js';

/** A file of an input: a path on a host, or a blob. Anyone can start a workflow with any JSON. */
export function fileOf(value: unknown, where: string): FileRef {
  const fields = recordOf(value);
  if (fields === undefined) throw wrongKind(where, 'a file: {path} or a blob');
  // Both at once would be read as the blob by the worker.
  if ('uri' in fields) return blobOf(fields, where);
  return { path: textOf(fields['path'], `${where}.path`) };
}

/** A blob of an input. */
export function blobOf(value: unknown, where: string): BlobRef {
  const fields = recordOf(value);
  if (fields === undefined) throw wrongKind(where, 'a blob');
  return {
    uri: textOf(fields['uri'], `${where}.uri`),
    sha256: textOf(fields['sha256'], `${where}.sha256`),
    bytes: amountOf(fields['bytes'], `${where}.bytes`),
  };
}

function recordOf(value: unknown): Partial<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** What a file is called, for people and to tell it from others. */
export function nameOf(file: FileRef): string {
  return 'path' in file ? file.path : file.uri;
}

/** Where a file can be read: what lies on the disk of a host only there, everything else anywhere. */
export function queueFor(queue: string, host: string | undefined, file: FileRef): string {
  return 'path' in file || file.uri.startsWith('file:') ? queueOn(queue, host) : queue;
}
