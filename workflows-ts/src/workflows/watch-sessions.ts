import { defineSearchAttributeKey } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SearchAttributes, SIGNAL_CHANGED } from '../contracts/names.js';
import { recoverGaps, replaySpool, shipBatch, ShippingQueue } from '../contracts/shipping.js';
import type { WatchSessionsInput } from '../contracts/types.js';
import { goingOn } from './going-on.js';
import { countOf, fieldsOf, hostQueueOf } from './host-target.js';

const SYSTEM = 'shipping';
const POLL_SECONDS = 30;
// A round takes about fifteen events of the history; the server suggests a new run long after this many.
const ROUNDS = 200;

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');
const changedSignal = defineSignal(SIGNAL_CHANGED);

/** Ships the sessions of a host as they grow: woken by its worker's file watcher, by polls where that is not there. */
export async function watchSessions(input?: WatchSessionsInput | null): Promise<void> {
  let changed = true;
  setHandler(
    changedSignal,
    () => {
      changed = true;
    },
    { description: 'A session changed: look now.' },
  );
  const fields = fieldsOf(input);
  const taskQueue = hostQueueOf(ShippingQueue, fields.hostId, workflowInfo().workflowId, 'watch');
  const pollSeconds = countOf(fields.pollSeconds, 'input.pollSeconds') ?? POLL_SECONDS;
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);

  let spooled = true;
  let events = 0;
  await goingOn(() => recoverGaps({}, { taskQueue, summary: 'look for gaps' }));
  for (let round = 0; round < ROUNDS && !workflowInfo().continueAsNewSuggested; round += 1) {
    await condition(() => changed, pollSeconds * 1000);
    changed = false;
    const batch = await goingOn(() => shipBatch({ scope: 'new' }, { taskQueue, summary: 'ship what is new' }));
    events += batch?.events ?? 0;
    if (spooled || (batch?.spooled ?? 0) > 0) {
      const replay = await goingOn(() => replaySpool({}, { taskQueue, summary: 'ship what is in the spool' }));
      spooled = replay === undefined || replay.pending > 0;
      events += replay?.events ?? 0;
    }
    if (batch !== undefined)
      setCurrentDetails(`${events} events shipped in this run; ${batch.remainingBytes} bytes left`);
  }
  // The next run looks at once, so a change that was signalled a moment ago is not forgotten.
  await continueAsNew<typeof watchSessions>(input ?? {});
}
