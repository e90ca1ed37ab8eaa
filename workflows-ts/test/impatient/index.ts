export { cleanupWorkspaces } from './cleanup-workspaces.js';
export { importFiles } from './import-files.js';
export { indexRepo } from './index-repo.js';
