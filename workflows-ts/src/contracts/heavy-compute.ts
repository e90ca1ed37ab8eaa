// Generated from activities/contracts by `make contracts`. Do not edit.
import { proxyActivities } from '@temporalio/workflow';
import { type CallOptions, optionsFor, type Policy, whole } from '../call.js';
import type { FinishIndexInput, FinishIndexOutput, ListWorkspaceHostsInput, ListWorkspaceHostsOutput, OrBlob, ParseRestInput, ParseRestOutput, PrepareWorkspaceInput, PrepareWorkspaceOutput, RunScipInput, RunScipOutput, WorkspaceGcInput, WorkspaceGcOutput } from './types.js';

export const HeavyComputeQueue = 'heavy-compute';

export interface HeavyComputeActivities {
  /** Makes a folder with the sources ready: a local folder as it is, or a checkout of a remote repository. */
  prepareWorkspace(input: PrepareWorkspaceInput): Promise<OrBlob<PrepareWorkspaceOutput>>;
  /** Runs the SCIP indexers that fit, and writes the entities and edges of the files that an index covers. */
  runScip(input: RunScipInput): Promise<OrBlob<RunScipOutput>>;
  /** Parses the files that no index covers and writes their entities and edges. */
  parseRest(input: ParseRestInput): Promise<OrBlob<ParseRestOutput>>;
  /** Removes from the graph what the scan no longer found and counts what is there. */
  finishIndex(input: FinishIndexInput): Promise<OrBlob<FinishIndexOutput>>;
  /** Removes checkouts that nobody has used for some days. It works on the host that runs it. */
  workspaceGc(input: WorkspaceGcInput): Promise<OrBlob<WorkspaceGcOutput>>;
  /** Asks the server which hosts have workspaces: those whose own queue somebody polls. */
  listWorkspaceHosts(input: ListWorkspaceHostsInput): Promise<OrBlob<ListWorkspaceHostsOutput>>;
}

export const HeavyComputePolicies = {
  prepareWorkspace: { startToCloseS: 1800, heartbeatS: 30, maxAttempts: 10 },
  runScip: { startToCloseS: 1800, heartbeatS: 30, maxAttempts: 10 },
  parseRest: { startToCloseS: 1800, heartbeatS: 30, maxAttempts: 10 },
  finishIndex: { startToCloseS: 600, heartbeatS: 30, maxAttempts: 10 },
  workspaceGc: { startToCloseS: 1800, heartbeatS: 30, maxAttempts: 5 },
  listWorkspaceHosts: { startToCloseS: 120, heartbeatS: 30, maxAttempts: 10 },
} as const satisfies Record<keyof HeavyComputeActivities, Policy>;

/** Makes a folder with the sources ready: a local folder as it is, or a checkout of a remote repository. */
export function prepareWorkspace(input: PrepareWorkspaceInput, options: CallOptions): Promise<PrepareWorkspaceOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.prepareWorkspace, options));
  return proxy.prepareWorkspace(input).then(whole);
}

/** Runs the SCIP indexers that fit, and writes the entities and edges of the files that an index covers. */
export function runScip(input: RunScipInput, options: CallOptions): Promise<RunScipOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.runScip, options));
  return proxy.runScip(input).then(whole);
}

/** Parses the files that no index covers and writes their entities and edges. */
export function parseRest(input: ParseRestInput, options: CallOptions): Promise<ParseRestOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.parseRest, options));
  return proxy.parseRest(input).then(whole);
}

/** Removes from the graph what the scan no longer found and counts what is there. */
export function finishIndex(input: FinishIndexInput, options: CallOptions): Promise<FinishIndexOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.finishIndex, options));
  return proxy.finishIndex(input).then(whole);
}

/** Removes checkouts that nobody has used for some days. It works on the host that runs it. */
export function workspaceGc(input: WorkspaceGcInput, options: CallOptions): Promise<WorkspaceGcOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.workspaceGc, options));
  return proxy.workspaceGc(input).then(whole);
}

/** Asks the server which hosts have workspaces: those whose own queue somebody polls. */
export function listWorkspaceHosts(input: ListWorkspaceHostsInput, options: CallOptions): Promise<ListWorkspaceHostsOutput> {
  const proxy = proxyActivities<HeavyComputeActivities>(optionsFor(HeavyComputeQueue, HeavyComputePolicies.listWorkspaceHosts, options));
  return proxy.listWorkspaceHosts(input).then(whole);
}
