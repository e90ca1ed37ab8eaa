export { briefSave } from './brief-save.js';
export { cleanupWorkspaces } from './cleanup-workspaces.js';
export { importFiles } from './import-files.js';
export { indexRepo } from './index-repo.js';
export { shipSessions } from './ship-sessions.js';
export { watchSaves } from './watch-saves.js';
export { watchSessions } from './watch-sessions.js';
