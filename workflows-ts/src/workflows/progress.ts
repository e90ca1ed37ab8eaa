import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { HeavyComputeActivities } from '../contracts/heavy-compute.js';
import type { IngestActivities } from '../contracts/ingest.js';
import type { ShippingActivities } from '../contracts/shipping.js';
import { GET_PROGRESS } from '../contracts/names.js';
import type { RunProgress } from '../contracts/types.js';

const getProgress = defineQuery<RunProgress>(GET_PROGRESS);

type Activity = keyof HeavyComputeActivities | keyof IngestActivities | keyof ShippingActivities;

/** How far a run is; answers the query and shows the same on the run's page in the UI. */
export class Progress {
  #now: RunProgress = { percent: 0, step: 'checking the input' };

  constructor() {
    setHandler(getProgress, () => this.#now, { description: 'How far the run is, in percent, and what it does now.' });
  }

  /** The run has come to `percent` and goes on with `step`. */
  at(percent: number, step: string, activity?: Activity): void {
    this.#now = { percent, step, ...(activity !== undefined && { activity }) };
    setCurrentDetails(`${percent} %: ${step}`);
  }
}
