import { defineSearchAttributeKey } from '@temporalio/common';
import { continueAsNew, setCurrentDetails, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SearchAttributes } from '../contracts/names.js';
import { findSaves, inspectSave, SaveParsingQueue } from '../contracts/save-parsing.js';
import type { FoundSave, SaveMark, WatchSavesInput } from '../contracts/types.js';
import { goingOn } from './going-on.js';
import { fieldsOf, hostQueueOf, textOf, wrongKind } from './host-target.js';

const SYSTEM = 'save-parsing';
const WAIT_SECONDS = 300;
const ROUNDS = 200;
// After a look that failed, for example because the folder is not there.
const PAUSE_SECONDS = 30;

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');

/** Looks at each save of a folder when it is whole, so that its worker has it open for whoever asks next. */
export async function watchSaves(input: WatchSavesInput): Promise<void> {
  const fields = fieldsOf(input);
  const folder = textOf(fields.folder, 'input.folder');
  const taskQueue = hostQueueOf(SaveParsingQueue, fields.hostId, workflowInfo().workflowId, 'watch-saves');
  let mark = markOf(fields.after);
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);

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
    for (const save of found.saves) await inspect(save, taskQueue);
    mark = found.mark ?? mark;
  }
  await continueAsNew<typeof watchSaves>({ ...input, ...(mark !== undefined && { after: mark }) });
}

async function inspect({ path }: FoundSave, taskQueue: string): Promise<void> {
  const save = await goingOn(() => inspectSave({ save: { path } }, { taskQueue, summary: `look at ${path}` }));
  if (save !== undefined) setCurrentDetails(`${path}: ${save.name ?? 'no name'}, ${save.date ?? 'no date'}`);
}

function markOf(after: unknown): SaveMark | undefined {
  if (after === undefined || after === null) return undefined;
  const { modifiedMs, path } = fieldsOf(after as SaveMark);
  if (typeof modifiedMs !== 'number' || typeof path !== 'string') throw wrongKind('input.after', 'a mark');
  return { modifiedMs, path };
}
