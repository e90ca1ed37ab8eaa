import type { ShippingActivities } from '../../src/contracts/shipping.js';
import type {
  DiscoverSessionsOutput,
  ReplaySpoolOutput,
  ShipBatchOutput,
  ShippingStatusOutput,
} from '../../src/contracts/types.js';

export const FOUND: DiscoverSessionsOutput = {
  files: 3,
  bytes: 9000,
  newFiles: 2,
  newBytes: 5000,
  byProvider: { claude: 2, codex: 1 },
  warnings: [{ code: 'folderUnreadable', message: 'one may not be read', count: 1 }],
};

export const BATCH: ShipBatchOutput = {
  files: 2,
  sourceBytes: 5000,
  events: 7,
  batches: 2,
  acknowledged: 2,
  spooled: 0,
  quarantined: 0,
  compressedBytes: 900,
  remainingBytes: 0,
  ms: 12,
  peakRssBytes: 1000,
  warnings: [],
};

export const REPLAY: ReplaySpoolOutput = { replayed: 0, events: 0, pending: 0, dead: 0 };

const STATUS: ShippingStatusOutput = {
  tracked: 3,
  bytesBehind: 0,
  spool: { pending: 0, dead: 0 },
  quarantined: 0,
  warnings: [],
};

/** A call that a stand-in got. */
export interface ShippingCall {
  readonly queue: string;
  readonly activity: keyof ShippingActivities;
  readonly input: unknown;
}

/** TypeScript in the place of the shipping activities; a test says how those behave that it is about. */
export class ShippingStandIns {
  calls: ShippingCall[] = [];
  behaviour: Partial<ShippingActivities> = {};

  on(queue: string): ShippingActivities {
    const noted =
      <I, O>(activity: keyof ShippingActivities, fallback: O, pick: () => ((input: I) => Promise<O>) | undefined) =>
      async (input: I): Promise<O> => {
        this.calls.push({ queue, activity, input });
        return (await pick()?.(input)) ?? fallback;
      };
    return {
      discoverSessions: noted('discoverSessions', FOUND, () => this.behaviour.discoverSessions),
      shipBatch: noted('shipBatch', BATCH, () => this.behaviour.shipBatch),
      replaySpool: noted('replaySpool', REPLAY, () => this.behaviour.replaySpool),
      recoverGaps: noted('recoverGaps', { gaps: 0, enqueued: 0 }, () => this.behaviour.recoverGaps),
      shippingStatus: noted('shippingStatus', STATUS, () => this.behaviour.shippingStatus),
    };
  }

  /** The names of the activities that were called, in order. */
  names(): string[] {
    return this.calls.map(({ activity }) => activity);
  }
}
