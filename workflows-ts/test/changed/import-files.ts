import { sleep } from '@temporalio/workflow';
import type { ImportFilesInput, ImportFilesOutput } from '../../src/contracts/types.js';
import { importFiles as shipped } from '../../src/workflows/import-files.js';

/** The shipped workflow with a step that no recorded run has. */
export async function importFiles(input: ImportFilesInput): Promise<ImportFilesOutput> {
  await sleep(1000);
  return await shipped(input);
}
