import type { ImportFilesInput, ImportFilesOutput } from '../../src/contracts/types.js';
import { importFilesIn } from '../../src/workflows/import-files.js';

/** The shipped workflow, which goes on in another run after three files instead of three hundred. */
export function importFiles(input: ImportFilesInput): Promise<ImportFilesOutput> {
  return importFilesIn(input, { filesARun: 3 });
}
