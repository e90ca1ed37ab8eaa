import type { IngestActivities } from '../../src/contracts/ingest.js';
import type { FileRef, ImportEventsInput, ImportEventsOutput } from '../../src/contracts/types.js';

export const IMPORTED: ImportEventsOutput = {
  lines: 10,
  stored: 7,
  duplicates: 2,
  rejected: 1,
  rejects: { uri: 'file:///blobs/ab/abab', sha256: 'ab'.repeat(32), bytes: 90 },
  bytes: 4000,
  phases: { read: 3 },
};

export const BLOB = { uri: 's3://bucket/events.jsonl.zst', sha256: 'cd'.repeat(32), bytes: 500 };

/** A call of importEvents that a stand-in got. */
export interface ImportCall {
  readonly queue: string;
  readonly input: ImportEventsInput;
}

/** TypeScript in the place of the activity that imports; a test says how it behaves. */
export class ImportStandIns {
  calls: ImportCall[] = [];
  behaviour: (input: ImportEventsInput) => Promise<ImportEventsOutput> | ImportEventsOutput = () => IMPORTED;

  on(queue: string): Pick<IngestActivities, 'importEvents'> {
    return {
      importEvents: async (input) => {
        this.calls.push({ queue, input });
        return await this.behaviour(input);
      },
    };
  }

  /** What was imported, and where, in whatever order. */
  imported(): string[] {
    return this.calls.map(({ queue, input }) => `${nameOf(input.file)} on ${queue}`).sort();
  }
}

export function nameOf(file: FileRef): string {
  return 'path' in file ? file.path : file.uri;
}
