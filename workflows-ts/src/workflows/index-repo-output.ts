import type { HeavyComputeActivities } from '../contracts/heavy-compute.js';
import type {
  ActivityReport,
  FinishIndexOutput,
  IndexRepoOutput,
  ParseRestOutput,
  PrepareWorkspaceOutput,
  Warning,
} from '../contracts/types.js';
import type { Target } from './index-repo-target.js';

/** What the activities of one round answered. */
export interface Round {
  readonly workspace: PrepareWorkspaceOutput;
  readonly rest: ParseRestOutput;
  readonly finish: FinishIndexOutput;
}

/** The result of a run, put together from what its activities answered. */
export function outputOf(target: Target, { workspace, rest, finish }: Round): IndexRepoOutput {
  return {
    repoId: target.repoId,
    orgId: target.orgId,
    ...(workspace.commit !== undefined && { commit: workspace.commit }),
    languages: workspace.languages,
    counts: finish.counts,
    skipped: rest.skipped,
    unchanged: rest.unchanged,
    written: rest.written,
    removed: rest.removed + finish.removedEntities + finish.removedEdges,
    calls: rest.calls,
    activities: [report('prepareWorkspace', workspace), report('parseRest', rest), report('finishIndex', finish)],
    warnings: merged([...workspace.warnings, ...rest.warnings]),
  };
}

function report(
  activity: keyof HeavyComputeActivities,
  { phases, peakRssBytes }: Omit<ActivityReport, 'activity'>,
): ActivityReport {
  return { activity, phases, peakRssBytes };
}

/** One warning per code, with the first message and all counts. */
export function merged(warnings: readonly Warning[]): Warning[] {
  const byCode = new Map<string, Warning>();
  for (const warning of warnings) {
    const first = byCode.get(warning.code);
    byCode.set(warning.code, first === undefined ? warning : { ...first, count: first.count + warning.count });
  }
  return [...byCode.values()];
}
