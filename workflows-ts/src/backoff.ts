import { setTimeout as pause } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * Tries until it works. Before each pause `complain` gets the error and the pause in seconds. Fails only when `stop`
 * fires, or with what `complain` throws.
 */
export async function untilItWorks<T>(
  attempt: () => Promise<T>,
  complain: (error: unknown, pauseSeconds: number) => void,
  stop: AbortSignal,
): Promise<T> {
  for (let delay = FIRST_MS; ; delay = Math.min(delay * 2, LONGEST_MS)) {
    stop.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      complain(error, delay / 1000);
    }
    await pause(delay, undefined, { signal: stop });
  }
}
