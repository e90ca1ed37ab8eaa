import { defineSearchAttributeKey } from '@temporalio/common';
import { log, patched, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { finishIndex, HeavyComputeQueue, parseRest, prepareWorkspace, runScip } from '../contracts/heavy-compute.js';
import { SearchAttributes } from '../contracts/names.js';
import type { IndexRepoInput, IndexRepoOutput, PrepareWorkspaceOutput, RunScipOutput } from '../contracts/types.js';
import { isHostGone, noWorkerAnswered } from './failures.js';
import { startFollowUp } from './follow-up.js';
import { outputOf, type Round } from './index-repo-output.js';
import { given, givenList, type Target, targetOf } from './index-repo-target.js';
import { Progress } from './progress.js';
import { withoutSecrets } from './url.js';

const SYSTEM = 'heavy-compute';
const ROUNDS = 3;
const HOST_TIMEOUT_MS = 120_000;
// Runs that were started before there was runScip go on without it: a worker that knows both has to replay them.
const JOINS_INDEXES = 'runScip';

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');
const repo = defineSearchAttributeKey(SearchAttributes.repo, 'KEYWORD');

/** How a run deals with the hosts it works on. */
export interface HostOptions {
  /** How many milliseconds a call waits on a host queue before that host counts as gone. */
  readonly hostTimeout: number;
}

/** What is decided once, for all rounds of a run. */
interface Plan {
  readonly input: IndexRepoInput;
  readonly target: Target;
  readonly joinsIndexes: boolean;
  readonly hostTimeout: number;
}

/** Brings the graph of one repository up to date: workspace, indexes, parse, removal, then the workflows that follow. */
export function indexRepo(input: IndexRepoInput): Promise<IndexRepoOutput> {
  return indexRepoOn(input, { hostTimeout: HOST_TIMEOUT_MS });
}

/** The workflow behind {@link indexRepo}. A host that goes away costs a round: the next one starts on another. */
export async function indexRepoOn(input: IndexRepoInput, options: HostOptions): Promise<IndexRepoOutput> {
  const progress = new Progress();
  const target = targetOf(input, workflowInfo().workflowId);
  const seconds = input.hostTimeoutSeconds ?? undefined;
  upsertSearchAttributes([
    { key: system, value: SYSTEM },
    { key: repo, value: target.repoId },
  ]);

  const plan: Plan = {
    input,
    target,
    // Asked here and not in a round: a run that began without indexes keeps to that in its later rounds.
    joinsIndexes: patched(JOINS_INDEXES),
    hostTimeout: seconds === undefined ? options.hostTimeout : seconds * 1000,
  };
  const result = outputOf(target, await firstFinishedRound(plan, progress));
  progress.at(95, 'starting what follows');
  for (const followUp of input.after ?? []) await startFollowUp(followUp, result);
  progress.at(100, 'done');
  return result;
}

async function firstFinishedRound(plan: Plan, progress: Progress): Promise<Round> {
  let step = 'preparing the workspace';
  for (let round = 1; ; round += 1) {
    progress.at(0, step, 'prepareWorkspace');
    const workspace = await prepare(plan);
    try {
      return await onHost(workspace, plan, progress);
    } catch (error) {
      if (!isHostGone(error)) throw error;
      const { hostQueue } = workspace;
      if (round === ROUNDS) throw noWorkerAnswered(hostQueue, ROUNDS, error);
      log.warn('no worker of the host queue answered; beginning again', { hostQueue, round });
      step = `preparing the workspace again, round ${round + 1} of ${ROUNDS}: no worker of ${hostQueue} answered`;
    }
  }
}

function prepare({ input, target }: Plan): Promise<PrepareWorkspaceOutput> {
  const repoUrl = given(input.repoUrl);
  const path = given(input.path);
  const branch = given(input.branch);
  const credential = given(input.credential);
  return prepareWorkspace(
    {
      ...target,
      ...(repoUrl !== undefined && { repoUrl }),
      ...(path !== undefined && { path }),
      ...(branch !== undefined && { branch }),
      ...(credential !== undefined && { credential }),
    },
    { summary: repoUrl === undefined ? `scan ${path}` : `clone ${withoutSecrets(repoUrl)}` },
  );
}

/** What has to run where the workspace is: the files are only there, and so is the list of what was scanned. */
async function onHost(
  workspace: PrepareWorkspaceOutput,
  { input, target, joinsIndexes, hostTimeout }: Plan,
  progress: Progress,
): Promise<Round> {
  // A workspace that every host sees leaves the work on the common queue, where waiting means that all are busy.
  const host =
    workspace.hostQueue === HeavyComputeQueue
      ? {}
      : { taskQueue: workspace.hostQueue, scheduleToStartTimeout: hostTimeout };
  const commit = workspace.commit === undefined ? {} : { commit: workspace.commit };
  const { workspaceDir } = workspace;

  let scip: RunScipOutput | undefined;
  if (joinsIndexes) {
    progress.at(25, 'joining indexes with the sources', 'runScip');
    scip = await runScip(
      { ...target, ...commit, ...indexesOf(input), workspaceDir, packageRoots: workspace.packageRoots },
      { ...host, summary: `join the indexes of ${target.repoId}` },
    );
  }
  const covered = scip?.covered === undefined ? {} : { covered: scip.covered };
  progress.at(joinsIndexes ? 50 : 25, 'parsing the files', 'parseRest');
  const rest = await parseRest(
    { ...target, ...commit, ...covered, workspaceDir },
    { ...host, summary: `parse the rest of ${target.repoId}` },
  );
  progress.at(75, 'removing what is gone', 'finishIndex');
  const finish = await finishIndex(
    { ...target, ...commit, scanned: rest.scanned },
    { ...host, summary: `remove what is gone from ${target.repoId}` },
  );
  return { workspace, ...(scip !== undefined && { scip }), rest, finish };
}

/** Which indexers are wanted and which indexes are there already, as far as the input says. */
function indexesOf(input: IndexRepoInput): Pick<IndexRepoInput, 'indexers' | 'scipFiles'> {
  const indexers = givenList(input.indexers);
  const scipFiles = givenList(input.scipFiles);
  return { ...(indexers !== undefined && { indexers }), ...(scipFiles !== undefined && { scipFiles }) };
}
