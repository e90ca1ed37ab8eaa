import { sleep } from '@temporalio/workflow';
import type { ShipSessionsInput, ShipSessionsOutput } from '../../src/contracts/types.js';
import { shipSessions as shipped } from '../../src/workflows/ship-sessions.js';

/** The shipped workflow with a step that no recorded run has. */
export async function shipSessions(input: ShipSessionsInput): Promise<ShipSessionsOutput> {
  await sleep(1000);
  return await shipped(input);
}
