import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ErrorDetails, ErrorType } from '../contracts/errors.js';
import type { BlobRef, ImportError } from '../contracts/types.js';

function failure(type: ErrorType, details: ErrorDetails, cause?: Error): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${details.what} (${details.where}): ${details.hint}`,
    type,
    nonRetryable: true,
    details: [details],
    ...(cause !== undefined && { cause }),
  });
}

/** The input cannot be worked on, now or later. */
export function invalidInput(details: ErrorDetails): ApplicationFailure {
  return failure('InvalidInput', details);
}

/** An activity answered more than a payload holds; going on without what it said would be wrong. */
export function outputTooBig({ uri, bytes }: BlobRef): ApplicationFailure {
  return failure('LimitExceeded', {
    what: `an activity answered ${bytes} bytes, more than a workflow can take`,
    where: uri,
    hint: 'the blob holds the whole answer as JSON',
  });
}

/** The input is sound and asks for more than a run may take on. */
export function tooMuch(details: ErrorDetails): ApplicationFailure {
  return failure('LimitExceeded', details);
}

/** Not one of the files of an import could be imported. */
export function nothingImported(files: number, first: string, { type, message }: ImportError): ApplicationFailure {
  return failure(type, {
    what:
      files === 1
        ? `the file could not be imported: ${message}`
        : `none of ${files} files could be imported; the first: ${message}`,
    where: first,
    hint: 'put right what the message names, then import again: what is stored already is not stored twice',
  });
}

/** Every host that took the work went away before it was done. */
export function noWorkerAnswered(hostQueue: string, rounds: number, cause: Error): ApplicationFailure {
  return failure(
    'NotFound',
    {
      what: `no worker of host queue ${hostQueue} answered, in ${rounds} rounds`,
      where: hostQueue,
      hint: 'start the worker of that host again, or start the workflow anew on another host',
    },
    cause,
  );
}

/** Whether a call to a host queue failed because nobody took it there in time. */
export function isHostGone(error: unknown): error is ActivityFailure {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === TimeoutType.SCHEDULE_TO_START
  );
}
