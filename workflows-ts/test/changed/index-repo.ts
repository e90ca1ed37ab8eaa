import { sleep } from '@temporalio/workflow';
import type { IndexRepoInput, IndexRepoOutput } from '../../src/contracts/types.js';
import { indexRepo as shipped } from '../../src/workflows/index-repo.js';

/** The shipped workflow with a step that no recorded run has: what a careless change looks like to replay. */
export async function indexRepo(input: IndexRepoInput): Promise<IndexRepoOutput> {
  await sleep(1000);
  return await shipped(input);
}
