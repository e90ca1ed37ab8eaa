import { ActivityFailure, ApplicationFailure, log, setCurrentDetails } from '@temporalio/workflow';

/** What an activity answered; a failure of its own is told and does not end a watch, whose next round tries again. */
export async function goingOn<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)) throw error;
    const { type, message } = error.cause;
    log.warn('an activity failed; the watch goes on', { activity: error.activityType, type, message });
    setCurrentDetails(`${error.activityType} failed (${type ?? 'no type'}): ${message}`);
    return undefined;
  }
}
