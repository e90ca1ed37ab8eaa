import type { HeavyComputeActivities } from '../../src/contracts/heavy-compute.js';
import type {
  FinishIndexOutput,
  ParseRestOutput,
  PrepareWorkspaceOutput,
  RunScipOutput,
  WorkspaceGcOutput,
} from '../../src/contracts/types.js';

export const HOST_QUEUE = 'heavy-compute@host-a';

export const WORKSPACE: PrepareWorkspaceOutput = {
  workspaceDir: '/workspaces/demo',
  hostQueue: HOST_QUEUE,
  commit: '0123456789abcdef0123456789abcdef01234567',
  fileCount: 3,
  languages: [{ language: 'typescript', files: 3 }],
  packageRoots: ['.'],
  indexers: [],
  fresh: false,
  warnings: [
    { code: 'fileVanished', message: 'a.ts vanished', count: 1 },
    { code: 'linkSkipped', message: 'link skipped', count: 2 },
  ],
  phases: { scan: 5 },
  peakRssBytes: 1000,
};

export const SCIP: RunScipOutput = {
  indexes: [
    {
      indexer: 'scip-typescript 0.4.0',
      root: '.',
      documents: 2,
      occurrences: 90,
      bytes: 5000,
      ms: 800,
      reused: false,
    },
  ],
  entities: 6,
  edges: { contains: 3, references: 2 },
  packages: 1,
  covered: { uri: 'file:///blobs/ef/efef', sha256: 'ef'.repeat(32), bytes: 21 },
  coveredCount: 2,
  byLanguage: { typescript: 2 },
  unchanged: 1,
  written: 11,
  definitions: { entities: 6, joined: 5, fromIndex: 0 },
  references: { total: 40, direct: 25, lifted: 5, ownScope: 4, package: 3, unresolved: 3 },
  unresolved: { generated: 3 },
  skippedDocuments: 1,
  phases: { index: 6 },
  peakRssBytes: 1500,
  warnings: [{ code: 'documentSkipped', message: 'gone.ts is not there', count: 1 }],
};

export const REST: ParseRestOutput = {
  files: 3,
  entities: 7,
  edges: { contains: 4 },
  byKind: { file: 3, function: 4 },
  byLanguage: { typescript: 3 },
  skipped: { binary: 1 },
  unchanged: 2,
  written: 5,
  removed: 10,
  calls: { total: 6, sameFile: 2, otherFile: 1, package: 1, unresolved: { builtin: 2 } },
  scanned: { uri: 'file:///blobs/ab/abcd', sha256: 'ab'.repeat(32), bytes: 42 },
  phases: { parse: 7 },
  peakRssBytes: 2000,
  warnings: [{ code: 'fileVanished', message: 'b.ts vanished', count: 4 }],
};

export const FINISH: FinishIndexOutput = {
  removedEntities: 20,
  removedEdges: 300,
  counts: { files: 3, entities: 7, edges: 4, byKind: {}, edgesByKind: {}, byLanguage: { typescript: 3 } },
  phases: { remove: 9 },
  peakRssBytes: 3000,
};

export const COLLECTED: WorkspaceGcOutput = {
  removed: ['/workspaces/old'],
  freedBytes: 4096,
  kept: 1,
  errors: [],
  phases: { collect: 3 },
  peakRssBytes: 1000,
};

type Name = keyof HeavyComputeActivities;
type Behaviour = Partial<HeavyComputeActivities>;

/** A call that a stand-in got. */
export interface Call {
  readonly queue: string;
  readonly activity: Name;
  readonly input: { readonly repoId: string };
}

/** TypeScript in the place of the Rust activities; each test says how they behave for its own repository. */
export class StandIns {
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #calls: Call[] = [];

  behave(repoId: string, behaviour: Behaviour): void {
    this.#behaviours.set(repoId, behaviour);
  }

  callsFor(repoId: string): Call[] {
    return this.#calls.filter(({ input }) => input.repoId === repoId);
  }

  /** The activities of a worker on `queue`. */
  on(queue: string): HeavyComputeActivities {
    const noted =
      <I extends { repoId: string }, O>(
        activity: Name,
        fallback: O,
        pick: (b: Behaviour) => ((input: I) => Promise<O>) | undefined,
      ) =>
      async (input: I): Promise<O> => {
        this.#calls.push({ queue, activity, input });
        return (await pick(this.#behaviours.get(input.repoId) ?? {})?.(input)) ?? fallback;
      };
    return {
      prepareWorkspace: noted('prepareWorkspace', WORKSPACE, (behaviour) => behaviour.prepareWorkspace),
      runScip: noted('runScip', SCIP, (behaviour) => behaviour.runScip),
      parseRest: noted('parseRest', REST, (behaviour) => behaviour.parseRest),
      finishIndex: noted('finishIndex', FINISH, (behaviour) => behaviour.finishIndex),
      // These are about hosts, not about a repository.
      workspaceGc: () => Promise.resolve(COLLECTED),
      listWorkspaceHosts: () => Promise.resolve({ hostQueues: [HOST_QUEUE] }),
    };
  }
}
