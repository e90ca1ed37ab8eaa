import { defineSearchAttributeKey } from '@temporalio/common';
import {
  continueAsNew,
  patched,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SearchAttributes } from '../contracts/names.js';
import { findSaves, inspectSave, SaveParsingQueue } from '../contracts/save-parsing.js';
import type { FoundSave, SaveMark, WatchSavesInput } from '../contracts/types.js';
import { goingOn } from './going-on.js';
import { fieldsOf, hostOf, queueOn, textOf, wrongKind } from './host-target.js';
import { startBriefing } from './start-briefing.js';

const SYSTEM = 'save-parsing';
const WAIT_SECONDS = 300;
const ROUNDS = 200;
// After a look that failed, for example because the folder is not there.
const PAUSE_SECONDS = 30;
// Runs that began before there was briefSave go on without it until their next run: a worker that knows both has to
// replay them.
const BRIEFS_SAVES = 'briefSave';

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');

/**
 * Looks at each save of a folder when it is whole, so that its worker has it open for whoever asks next, and has its
 * briefing made.
 */
export async function watchSaves(input: WatchSavesInput): Promise<void> {
  const fields = fieldsOf(input);
  const folder = textOf(fields.folder, 'input.folder');
  const host = hostOf(fields.hostId, workflowInfo().workflowId, 'watch-saves');
  const taskQueue = queueOn(SaveParsingQueue, host);
  let mark = markOf(fields.after);
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);
  const briefs = patched(BRIEFS_SAVES);

  if (mark === undefined) {
    const there = await findSaves({ folder }, { taskQueue, summary: `see what is in ${folder}` });
    mark = there.mark;
  }
  for (let round = 0; round < ROUNDS && !workflowInfo().continueAsNewSuggested; round += 1) {
    const after = mark === undefined ? {} : { after: mark };
    const found = await goingOn(() =>
      findSaves(
        { folder, ...after, waitSeconds: WAIT_SECONDS },
        { taskQueue, summary: `wait for a save in ${folder}` },
      ),
    );
    if (found === undefined) {
      await sleep(PAUSE_SECONDS * 1000);
      continue;
    }
    const looked = await lookAt(found.saves, { taskQueue, host, briefs });
    mark = looked === found.saves.length ? (found.mark ?? mark) : markBehind(found.saves[looked - 1], mark);
  }
  await continueAsNew<typeof watchSaves>({ ...input, ...(mark !== undefined && { after: mark }) });
}

/** How a watch looks at saves. */
interface Looking {
  readonly taskQueue: string;
  readonly host: string | undefined;
  readonly briefs: boolean;
}

/** Looks at one save after the other, and tells at how many: the history ends up with the briefings, which are long. */
async function lookAt(saves: readonly FoundSave[], looking: Looking): Promise<number> {
  let looked = 0;
  for (const save of saves) {
    if (looking.briefs && looked > 0 && workflowInfo().continueAsNewSuggested) break;
    await inspect(save, looking);
    looked += 1;
  }
  return looked;
}

async function inspect({ path }: FoundSave, { taskQueue, host, briefs }: Looking): Promise<void> {
  const save = await goingOn(() => inspectSave({ save: { path } }, { taskQueue, summary: `look at ${path}` }));
  if (save === undefined) return;
  const told = `${path}: ${save.name ?? 'no name'}, ${save.date ?? 'no date'}`;
  if (!briefs) {
    setCurrentDetails(told);
    return;
  }
  const hostId = host === undefined ? {} : { hostId: host };
  const workflowId = await startBriefing({ save: { path }, sha256: save.sha256, ...hostId });
  setCurrentDetails(`${told}; ${workflowId}`);
}

function markBehind(last: FoundSave | undefined, mark: SaveMark | undefined): SaveMark | undefined {
  return last === undefined ? mark : { modifiedMs: last.modifiedMs, path: last.path };
}

function markOf(after: unknown): SaveMark | undefined {
  if (after === undefined || after === null) return undefined;
  const { modifiedMs, path } = fieldsOf(after as SaveMark);
  if (typeof modifiedMs !== 'number' || typeof path !== 'string') throw wrongKind('input.after', 'a mark');
  return { modifiedMs, path };
}
