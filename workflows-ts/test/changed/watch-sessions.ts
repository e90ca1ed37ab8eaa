import { sleep } from '@temporalio/workflow';
import type { WatchSessionsInput } from '../../src/contracts/types.js';
import { watchSessions as shipped } from '../../src/workflows/watch-sessions.js';

/** The shipped workflow with a step that no recorded run has. */
export async function watchSessions(input: WatchSessionsInput): Promise<void> {
  await sleep(1000);
  await shipped(input);
}
