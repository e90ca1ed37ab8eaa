// Whatever is exported here is a workflow type: the function's name is the type's name.
export { indexRepo } from './index-repo.js';
