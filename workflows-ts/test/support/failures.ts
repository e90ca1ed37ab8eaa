import assert from 'node:assert/strict';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** The failure that a run ended with. Fails if it did not fail. */
export async function failureOf(result: Promise<unknown>): Promise<Error | undefined> {
  const error: unknown = await result.then(
    () => assert.fail('the run did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  return error.cause;
}

/** The application failure that a run ended with, as clients match on it. */
export function asApplicationFailure(failure: unknown): ApplicationFailure {
  assert.ok(failure instanceof ApplicationFailure, String(failure));
  return failure;
}
