import { defineSearchAttributeKey } from '@temporalio/common';
import { proxyActivities, upsertSearchAttributes } from '@temporalio/workflow';
import { optionsFor } from '../call.js';
import { SearchAttributes } from '../contracts/names.js';
import { type SaveParsingActivities, SaveParsingPolicies, SaveParsingQueue } from '../contracts/save-parsing.js';
import type {
  BriefingFormat,
  BriefSaveInput,
  BuildBriefingInput,
  BuildBriefingOutput,
  OrBlob,
} from '../contracts/types.js';
import { fileOf, nameOf, queueFor } from './file-target.js';
import { amountOf, fieldsOf, hostOf, optionalTextOf, wrongKind } from './host-target.js';

const SYSTEM = 'save-parsing';

const system = defineSearchAttributeKey(SearchAttributes.system, 'KEYWORD');

/** Makes the briefing of a save. One that is too big for a payload is handed on as the blob that it is in. */
export async function briefSave(input: BriefSaveInput): Promise<OrBlob<BuildBriefingOutput>> {
  const fields = fieldsOf(input);
  const request = requestOf(fields);
  const taskQueue = queueFor(SaveParsingQueue, hostOf(fields.hostId), request.save);
  upsertSearchAttributes([{ key: system, value: SYSTEM }]);

  // The typed caller would refuse the blob: nothing here looks into the briefing.
  const { buildBriefing } = proxyActivities<SaveParsingActivities>(
    optionsFor(SaveParsingQueue, SaveParsingPolicies.buildBriefing, {
      taskQueue,
      summary: `brief ${nameOf(request.save)}`,
    }),
  );
  return await buildBriefing(request);
}

function requestOf(fields: Partial<Record<keyof BriefSaveInput, unknown>>): BuildBriefingInput {
  const sha256 = optionalTextOf(fields.sha256, 'input.sha256');
  const explain = optionalTextOf(fields.explain, 'input.explain');
  const localisation = optionalTextOf(fields.localisation, 'input.localisation');
  return {
    save: fileOf(fields.save, 'input.save'),
    format: formatOf(fields.format ?? 'json'),
    ...(sha256 !== undefined && { sha256 }),
    ...(explain !== undefined && { explain }),
    ...(fields.player !== undefined && fields.player !== null && { player: amountOf(fields.player, 'input.player') }),
    ...(localisation !== undefined && { localisation }),
  };
}

function formatOf(format: unknown): BriefingFormat {
  switch (format) {
    case 'json':
    case 'text':
    case 'html':
      return format;
    default:
      throw wrongKind('input.format', 'json, text or html');
  }
}
