import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SearchAttributes } from '../contracts/names.js';
import { discoverSessions, recoverGaps, replaySpool, shipBatch, ShippingQueue } from '../contracts/shipping.js';
import type {
  DiscoverSessionsOutput,
  ReplaySpoolOutput,
  ShipBatchOutput,
  ShipSessionsInput,
  ShipSessionsOutput,
} from '../contracts/types.js';
import { countOf, fieldsOf, hostQueueOf, textsOf } from './host-target.js';
import { merged } from './index-repo-output.js';
import { Progress } from './progress.js';

const SYSTEM = 'shipping';
// So much at a time that an attempt which begins again repeats little, and so little that a history stays short.
const BYTES_A_BATCH = 1 << 30;

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');
const bytes = defineSearchAttributeKey(SearchAttributes.bytes, 'INT');

/** Ships what the sessions of a host hold: gaps, then everything new, then what could not be shipped before. */
export async function shipSessions(input?: ShipSessionsInput | null): Promise<ShipSessionsOutput> {
  const progress = new Progress();
  const fields = fieldsOf(input);
  const taskQueue = hostQueueOf(ShippingQueue, fields.hostId, workflowInfo().workflowId, 'ship');
  const providers = textsOf(fields.providers, 'input.providers');
  const paths = textsOf(fields.paths, 'input.paths');
  const maxBytes = countOf(fields.maxBytes, 'input.maxBytes') ?? Number.MAX_SAFE_INTEGER;
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);
  const among = providers === undefined ? {} : { providers };

  progress.at(0, 'looking for what an ended process left behind', 'recoverGaps');
  await recoverGaps({}, { taskQueue, summary: 'look for gaps' });
  progress.at(2, 'finding the sessions', 'discoverSessions');
  const found = await discoverSessions(
    { ...among, ...(paths !== undefined && { paths }) },
    { taskQueue, summary: 'find the sessions' },
  );

  const batches: ShipBatchOutput[] = [];
  let shipped = 0;
  for (;;) {
    progress.at(percentOf(shipped, Math.min(found.newBytes, maxBytes)), 'shipping what is new', 'shipBatch');
    const batch = await shipBatch(
      { scope: paths ?? 'new', ...among, maxBytes: Math.min(BYTES_A_BATCH, maxBytes - shipped) },
      { taskQueue, summary: `ship what is new, part ${batches.length + 1}` },
    );
    batches.push(batch);
    shipped += batch.sourceBytes;
    // What is left and does not move, for example a file that may not be read, must not be asked for again and again.
    if (batch.remainingBytes === 0 || batch.sourceBytes === 0 || shipped >= maxBytes) break;
  }

  progress.at(90, 'shipping what could not be shipped before', 'replaySpool');
  const replay = await replaySpool({}, { taskQueue, summary: 'ship what is in the spool' });
  upsertSearchAttributes([{ key: bytes, value: shipped }]);
  progress.at(100, 'done');
  return outputOf(found, batches, replay);
}

function percentOf(done: number, total: number): number {
  return total > 0 ? 5 + Math.floor((85 * Math.min(done, total)) / total) : 5;
}

function outputOf(
  found: DiscoverSessionsOutput,
  batches: readonly ShipBatchOutput[],
  replay: ReplaySpoolOutput,
): ShipSessionsOutput {
  const sum = (of: (batch: ShipBatchOutput) => number): number =>
    batches.reduce((total, batch) => total + of(batch), 0);
  return {
    files: found.files,
    sourceBytes: sum(({ sourceBytes }) => sourceBytes),
    events: sum(({ events }) => events) + replay.events,
    batches: sum((batch) => batch.batches),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    spooled: sum(({ spooled }) => spooled),
    quarantined: sum(({ quarantined }) => quarantined),
    replayed: replay.replayed,
    pending: replay.pending,
    dead: replay.dead,
    compressedBytes: sum(({ compressedBytes }) => compressedBytes),
    remainingBytes: batches.at(-1)?.remainingBytes ?? 0,
    byProvider: found.byProvider,
    warnings: merged([...found.warnings, ...batches.flatMap(({ warnings }) => warnings)]),
  };
}
