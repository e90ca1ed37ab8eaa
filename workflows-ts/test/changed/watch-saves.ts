import { sleep } from '@temporalio/workflow';
import type { WatchSavesInput } from '../../src/contracts/types.js';
import { watchSaves as shipped } from '../../src/workflows/watch-saves.js';

/** The shipped workflow with a step that no recorded run has. */
export async function watchSaves(input: WatchSavesInput): Promise<void> {
  await sleep(1000);
  await shipped(input);
}
