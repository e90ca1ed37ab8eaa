import { fileURLToPath } from 'node:url';

// Compiled, this file is dist/test/support/paths.js.
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
export const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
export const HISTORIES = fileURLToPath(new URL('../../../test/histories/', import.meta.url));
export const WORKER = fileURLToPath(new URL('../../src/worker.js', import.meta.url));

/** The compiled workflows file of a folder of test/. */
export function testWorkflows(folder: string): string {
  return fileURLToPath(new URL(`../${folder}/index.js`, import.meta.url));
}
