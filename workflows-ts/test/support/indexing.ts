import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { GET_PROGRESS, WORKFLOWS_QUEUE } from '../../src/contracts/names.js';
import type { IndexRepoOutput, RunProgress } from '../../src/contracts/types.js';

type IndexRepo = (...args: unknown[]) => Promise<IndexRepoOutput>;

/** A run of indexRepo, seen by a client. The input is `unknown` because anybody can send anything. */
export type Run = WorkflowHandleWithFirstExecutionRunId<IndexRepo>;

/** Starts indexRepo as a client in another language would: by name, with JSON. */
export function startIndexRepo(
  { client }: { client: Client },
  input: unknown,
  workflowId: string = randomUUID(),
): Promise<Run> {
  return client.workflow.start<IndexRepo>('indexRepo', {
    workflowId,
    taskQueue: WORKFLOWS_QUEUE,
    args: [input],
    // A workflow task that the server or the sandbox refuses is tried for ever; the test shall fail instead.
    workflowExecutionTimeout: '20 seconds',
  });
}

/** What the run answers to getProgress now. */
export function progressOf(run: Run): Promise<RunProgress> {
  return run.query<RunProgress>(GET_PROGRESS);
}
