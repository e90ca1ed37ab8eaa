import type { HeavyComputeActivities } from '../contracts/heavy-compute.js';
import type {
  ActivityReport,
  FinishIndexOutput,
  IndexRepoOutput,
  ParseRestOutput,
  PrepareWorkspaceOutput,
  RunScipOutput,
  SymbolReferences,
  Warning,
} from '../contracts/types.js';
import type { Target } from './index-repo-target.js';

/** What the activities of one round answered. */
export interface Round {
  readonly workspace: PrepareWorkspaceOutput;
  /** Absent in runs that were started before there was such a step. */
  readonly scip?: RunScipOutput;
  readonly rest: ParseRestOutput;
  readonly finish: FinishIndexOutput;
}

const NO_REFERENCES: SymbolReferences = { total: 0, direct: 0, lifted: 0, ownScope: 0, package: 0, unresolved: 0 };

/** The result of a run, put together from what its activities answered. */
export function outputOf(target: Target, { workspace, scip, rest, finish }: Round): IndexRepoOutput {
  return {
    repoId: target.repoId,
    orgId: target.orgId,
    ...(workspace.commit !== undefined && { commit: workspace.commit }),
    languages: workspace.languages,
    counts: finish.counts,
    skipped: rest.skipped,
    unchanged: rest.unchanged + (scip?.unchanged ?? 0),
    written: rest.written + (scip?.written ?? 0),
    removed: rest.removed + finish.removedEntities + finish.removedEdges,
    calls: rest.calls,
    indexes: scip?.indexes ?? [],
    covered: scip?.coveredCount ?? 0,
    references: scip?.references ?? NO_REFERENCES,
    activities: [
      report('prepareWorkspace', workspace),
      ...(scip === undefined ? [] : [report('runScip', scip)]),
      report('parseRest', rest),
      report('finishIndex', finish),
    ],
    warnings: merged([...workspace.warnings, ...(scip?.warnings ?? []), ...rest.warnings]),
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
