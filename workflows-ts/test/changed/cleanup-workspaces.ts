import { sleep } from '@temporalio/workflow';
import type { CleanupWorkspacesInput, CleanupWorkspacesOutput } from '../../src/contracts/types.js';
import { cleanupWorkspaces as shipped } from '../../src/workflows/cleanup-workspaces.js';

/** The shipped workflow with a step that no recorded run has. */
export async function cleanupWorkspaces(input: CleanupWorkspacesInput): Promise<CleanupWorkspacesOutput> {
  await sleep(1000);
  return await shipped(input);
}
