import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import type { OrBlob, ResultBlob } from './contracts/types.js';
import { outputTooBig } from './workflows/failures.js';

/** Time-outs and attempts of one activity, as the contracts declare them. */
export interface Policy {
  readonly startToCloseS: number;
  readonly heartbeatS: number;
  /** 0: as often as needed, within `scheduleToCloseS`. */
  readonly maxAttempts: number;
  readonly scheduleToCloseS?: number;
}

/** What a workflow says about one call of an activity. */
export interface CallOptions {
  /** One line that Temporal's UI shows beside the activity. */
  summary: string;
  /** Another queue than the activity's own, for work that has to stay on one host. */
  taskQueue?: string;
  /** Only for host queues: how many milliseconds to wait before the host counts as gone. */
  scheduleToStartTimeout?: number;
}

// Temporal gives a summary 400 bytes (limit.userMetadataSummarySize), and the UI has one line for it. An encrypted one takes
// up to 176 bytes more: nonce and tag, the two payloads' metadata, a key id of 63 characters.
export const SUMMARY_BYTES = 220;

/** The options of one activity call: the declared policy, and what the caller adds. */
export function optionsFor(queue: string, policy: Policy, options: CallOptions): ActivityOptions {
  return {
    taskQueue: options.taskQueue ?? queue,
    startToCloseTimeout: policy.startToCloseS * 1000,
    heartbeatTimeout: policy.heartbeatS * 1000,
    ...(policy.scheduleToCloseS !== undefined && { scheduleToCloseTimeout: policy.scheduleToCloseS * 1000 }),
    ...(options.scheduleToStartTimeout !== undefined && { scheduleToStartTimeout: options.scheduleToStartTimeout }),
    // Only a stopped activity leaves the workspace and the graph alone.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      ...(policy.maxAttempts > 0 && { maximumAttempts: policy.maxAttempts }),
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '30s',
    },
    summary: clipped(options.summary, SUMMARY_BYTES),
  };
}

/** The beginning of `text` that takes at most `limit` bytes as JSON, with an ellipsis if something is missing. */
export function clipped(text: string, limit: number): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    // A payload is JSON, where quotes and control characters take more room than in the text.
    bytes += encoder.encode(JSON.stringify(character)).length - 2;
    if (bytes > limit) return `${kept}…`;
    kept += character;
  }
  return kept;
}

/** The output of an activity. One that was too big for a payload lies in the blob store, where a workflow cannot read it. */
export function whole<T>(output: OrBlob<T>): T {
  if (isBlob(output)) throw outputTooBig(output.resultBlob);
  return output;
}

function isBlob<T>(output: OrBlob<T>): output is ResultBlob {
  return typeof output === 'object' && output !== null && 'resultBlob' in output;
}
