import type { SaveParsingActivities } from '../../src/contracts/save-parsing.js';
import type {
  BuildBriefingInput,
  BuildBriefingOutput,
  FileRef,
  FindSavesInput,
  FindSavesOutput,
  InspectSaveOutput,
  OrBlob,
} from '../../src/contracts/types.js';

export const NOTHING: FindSavesOutput = { saves: [], unfinished: [] };

export const INSPECTED: InspectSaveOutput = {
  sha256: 'ab'.repeat(32),
  name: 'Commonwealth',
  date: '2250.01.01',
  ironman: false,
  zipBytes: 10,
  textBytes: 100,
  sections: [],
  phases: {},
  peakRssBytes: 1,
};

export const BRIEFING: BuildBriefingOutput = {
  briefing: { meta: { name: 'Commonwealth' } },
  sha256: 'ab'.repeat(32),
  engineVersion: '1.0.0',
  cached: false,
  phases: { brief: 4 },
  warnings: [],
};

/** A call of buildBriefing that a stand-in got. */
export interface BriefingCall {
  readonly queue: string;
  readonly input: BuildBriefingInput;
}

type Answer<T> = T | Promise<T>;

/** TypeScript in the place of the activities that look at saves; a test says how those behave that it is about. */
export class SaveStandIns {
  looks: FindSavesInput[] = [];
  inspected: string[] = [];
  briefings: BriefingCall[] = [];
  find: (look: number) => Answer<FindSavesOutput> = () => NOTHING;
  inspect: (path: string) => Answer<InspectSaveOutput> = () => INSPECTED;
  brief: (input: BuildBriefingInput) => Answer<OrBlob<BuildBriefingOutput>> = () => BRIEFING;

  on(queue: string): Pick<SaveParsingActivities, 'findSaves' | 'inspectSave' | 'buildBriefing'> {
    return {
      findSaves: async (input) => {
        this.looks.push(input);
        return await this.find(this.looks.length);
      },
      inspectSave: async ({ save }) => {
        const path = pathOf(save);
        this.inspected.push(path);
        return await this.inspect(path);
      },
      buildBriefing: async (input) => {
        this.briefings.push({ queue, input });
        return await this.brief(input);
      },
    };
  }

  /** Forgets what the test before has left. */
  reset(): void {
    this.looks = [];
    this.inspected = [];
    this.briefings = [];
    this.find = () => NOTHING;
    this.inspect = () => INSPECTED;
    this.brief = () => BRIEFING;
  }
}

export function pathOf(save: FileRef): string {
  return 'path' in save ? save.path : '';
}
