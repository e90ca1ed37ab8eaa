import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { clipped, SUMMARY_BYTES } from '../call.js';
import type { BriefSaveInput } from '../contracts/types.js';
import type { briefSave } from './brief-save.js';
import { nameOf } from './file-target.js';

const ID_DIGITS = 16;

/**
 * Starts the briefing of a save, which outlives who started it, and tells its id. Equal saves have one: it is not made
 * again when it is there or being made, only when it failed.
 */
export async function startBriefing(input: BriefSaveInput & { sha256: string }): Promise<string> {
  const workflowId = `brief/${input.sha256.slice(0, ID_DIGITS)}`;
  try {
    await startChild<typeof briefSave>('briefSave', {
      workflowId,
      args: [input],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: clipped(`brief ${nameOf(input.save)}`, SUMMARY_BYTES),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return workflowId;
}
