import { log } from '@temporalio/workflow';
import { listWorkspaceHosts, workspaceGc } from '../contracts/heavy-compute.js';
import type { CleanedHost, CleanupWorkspacesInput, CleanupWorkspacesOutput } from '../contracts/types.js';
import { invalidInput, isHostGone } from './failures.js';
import type { HostOptions } from './index-repo.js';

// A host that is busy with a large repository is not gone, and a night is long.
const HOST_TIMEOUT_MS = 600_000;

/** Removes the workspaces that nobody has used for some days, on every host that has a worker. */
export function cleanupWorkspaces(input?: CleanupWorkspacesInput | null): Promise<CleanupWorkspacesOutput> {
  return cleanupWorkspacesOn(input ?? {}, { hostTimeout: HOST_TIMEOUT_MS });
}

/**
 * The workflow behind {@link cleanupWorkspaces}. A host that does not take the work in time is passed over. One that
 * fails lets the run fail, after the others are done.
 */
export async function cleanupWorkspacesOn(
  input: CleanupWorkspacesInput,
  options: HostOptions,
): Promise<CleanupWorkspacesOutput> {
  const days = daysOf(input);
  const { hostQueues } = await listWorkspaceHosts({}, { summary: 'ask which hosts there are' });
  const ended = await Promise.allSettled(hostQueues.map((hostQueue) => clean(hostQueue, days, options)));

  const hosts: CleanedHost[] = [];
  const skipped: string[] = [];
  ended.forEach((end, index) => {
    const hostQueue = hostQueues[index] ?? '';
    if (end.status === 'fulfilled') {
      hosts.push(end.value);
    } else if (isHostGone(end.reason)) {
      log.warn('no worker of the host queue took the work', { hostQueue });
      skipped.push(hostQueue);
    } else {
      throw end.reason;
    }
  });
  return {
    removed: sum(hosts, ({ removed }) => removed),
    freedBytes: sum(hosts, ({ freedBytes }) => freedBytes),
    kept: sum(hosts, ({ kept }) => kept),
    hosts,
    skipped,
  };
}

async function clean(
  hostQueue: string,
  days: CleanupWorkspacesInput,
  { hostTimeout }: HostOptions,
): Promise<CleanedHost> {
  const { removed, freedBytes, kept, errors } = await workspaceGc(days, {
    taskQueue: hostQueue,
    scheduleToStartTimeout: hostTimeout,
    summary: `remove old workspaces on ${hostQueue}`,
  });
  return { hostQueue, removed: removed.length, freedBytes, kept, errors };
}

/** Anyone can start a workflow with any JSON; what is no number of days must not become another one. */
function daysOf({ maxAgeDays }: { maxAgeDays?: unknown }): CleanupWorkspacesInput {
  if (maxAgeDays === undefined || maxAgeDays === null) return {};
  if (typeof maxAgeDays !== 'number' || !Number.isInteger(maxAgeDays) || maxAgeDays < 0) {
    throw invalidInput({
      what: 'maxAgeDays is no number of days',
      where: 'input.maxAgeDays',
      hint: 'give a whole number, 0 or more, or leave it out for 7',
    });
  }
  return { maxAgeDays };
}

function sum(hosts: readonly CleanedHost[], of: (host: CleanedHost) => number): number {
  return hosts.reduce((total, host) => total + of(host), 0);
}
