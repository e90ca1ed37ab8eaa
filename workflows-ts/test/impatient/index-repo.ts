import type { IndexRepoInput, IndexRepoOutput } from '../../src/contracts/types.js';
import { indexRepoOn } from '../../src/workflows/index-repo.js';

/** The shipped workflow, which takes a host for gone after one second instead of two minutes. */
export function indexRepo(input: IndexRepoInput): Promise<IndexRepoOutput> {
  return indexRepoOn(input, { hostTimeout: 1000 });
}
