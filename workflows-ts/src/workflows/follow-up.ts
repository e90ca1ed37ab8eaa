import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { FollowUp, IndexRepoOutput } from '../contracts/types.js';

/** Starts a workflow that goes on with the result and outlives this one. One that is running already is left alone. */
export async function startFollowUp(followUp: FollowUp, result: IndexRepoOutput): Promise<void> {
  const { workflowType, taskQueue } = followUp;
  try {
    await startChild<(result: IndexRepoOutput) => Promise<unknown>>(workflowType, {
      workflowId: `${workflowType}/${result.orgId}/${result.repoId}`,
      taskQueue,
      args: [result],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      // Who cancels the index run does not mean what was started when the graph was complete.
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: 'after indexRepo',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
