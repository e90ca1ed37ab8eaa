// Whatever is exported here is a workflow type: the function's name is the type's name.
export { cleanupWorkspaces } from './cleanup-workspaces.js';
export { indexRepo } from './index-repo.js';
