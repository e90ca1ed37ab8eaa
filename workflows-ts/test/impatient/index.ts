export { cleanupWorkspaces } from './cleanup-workspaces.js';
export { indexRepo } from './index-repo.js';
