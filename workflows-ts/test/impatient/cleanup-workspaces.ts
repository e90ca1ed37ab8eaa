import type { CleanupWorkspacesInput, CleanupWorkspacesOutput } from '../../src/contracts/types.js';
import { cleanupWorkspacesOn } from '../../src/workflows/cleanup-workspaces.js';

/** The shipped workflow, which passes over a host after one second instead of ten minutes. */
export function cleanupWorkspaces(input: CleanupWorkspacesInput): Promise<CleanupWorkspacesOutput> {
  return cleanupWorkspacesOn(input, { hostTimeout: 1000 });
}
