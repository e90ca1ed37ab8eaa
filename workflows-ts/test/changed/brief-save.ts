import { sleep } from '@temporalio/workflow';
import type { BriefSaveInput, BuildBriefingOutput, OrBlob } from '../../src/contracts/types.js';
import { briefSave as shipped } from '../../src/workflows/brief-save.js';

/** The shipped workflow with a step that no recorded run has. */
export async function briefSave(input: BriefSaveInput): Promise<OrBlob<BuildBriefingOutput>> {
  await sleep(1000);
  return await shipped(input);
}
