import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { HeavyComputeActivities } from '../contracts/heavy-compute.js';
import { GET_PROGRESS } from '../contracts/names.js';
import type { IndexRepoProgress } from '../contracts/types.js';

const getProgress = defineQuery<IndexRepoProgress>(GET_PROGRESS);

/** How far an indexRepo run is; answers the query and shows the same on the run's page in the UI. */
export class Progress {
  #now: IndexRepoProgress = { percent: 0, step: 'checking the input' };

  constructor() {
    setHandler(getProgress, () => this.#now, { description: 'How far the run is, in percent, and what it does now.' });
  }

  /** The run has come to `percent` and goes on with `step`. */
  at(percent: number, step: string, activity?: keyof HeavyComputeActivities): void {
    this.#now = { percent, step, ...(activity !== undefined && { activity }) };
    setCurrentDetails(`${percent} %: ${step}`);
  }
}
