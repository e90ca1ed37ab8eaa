import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks until there is an answer, for what nobody announces: what another process or the server has come to. Fails after
 * half a minute, with what was waited for.
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(50, undefined, { signal: limit }).catch(() => {
      throw new Error(`waited for half a minute: ${what}`);
    });
  }
}
