// Generated from activities/contracts by `make contracts`. Do not edit.
import { proxyActivities } from '@temporalio/workflow';
import { type CallOptions, optionsFor, type Policy, whole } from '../call.js';
import type { BuildBriefingInput, BuildBriefingOutput, ExportSectionInput, ExportSectionOutput, FindSavesInput, FindSavesOutput, InspectSaveInput, InspectSaveOutput, OrBlob, QuerySaveInput, QuerySaveOutput } from './types.js';

export const SaveParsingQueue = 'save-parsing';

export interface SaveParsingActivities {
  /** Finds the saves in a folder that are whole and new, and waits for one if there is none. */
  findSaves(input: FindSavesInput): Promise<OrBlob<FindSavesOutput>>;
  /** Tells what a save is: its game's version and date, its size, its sections. */
  inspectSave(input: InspectSaveInput): Promise<OrBlob<InspectSaveOutput>>;
  /** Tells what matters in a save: the briefing, and a page of it for people if one is asked for. */
  buildBriefing(input: BuildBriefingInput): Promise<OrBlob<BuildBriefingOutput>>;
  /** Answers a list of questions about a save. */
  querySave(input: QuerySaveInput): Promise<OrBlob<QuerySaveOutput>>;
  /** Writes a section of a save to the blob store, a line of JSON for each entry. */
  exportSection(input: ExportSectionInput): Promise<OrBlob<ExportSectionOutput>>;
}

export const SaveParsingPolicies = {
  findSaves: { startToCloseS: 900, heartbeatS: 30, maxAttempts: 5 },
  inspectSave: { startToCloseS: 120, heartbeatS: 30, maxAttempts: 5 },
  buildBriefing: { startToCloseS: 120, heartbeatS: 30, maxAttempts: 5 },
  querySave: { startToCloseS: 120, heartbeatS: 30, maxAttempts: 5 },
  exportSection: { startToCloseS: 300, heartbeatS: 30, maxAttempts: 5 },
} as const satisfies Record<keyof SaveParsingActivities, Policy>;

/** Finds the saves in a folder that are whole and new, and waits for one if there is none. */
export function findSaves(input: FindSavesInput, options: CallOptions): Promise<FindSavesOutput> {
  const proxy = proxyActivities<SaveParsingActivities>(optionsFor(SaveParsingQueue, SaveParsingPolicies.findSaves, options));
  return proxy.findSaves(input).then(whole);
}

/** Tells what a save is: its game's version and date, its size, its sections. */
export function inspectSave(input: InspectSaveInput, options: CallOptions): Promise<InspectSaveOutput> {
  const proxy = proxyActivities<SaveParsingActivities>(optionsFor(SaveParsingQueue, SaveParsingPolicies.inspectSave, options));
  return proxy.inspectSave(input).then(whole);
}

/** Tells what matters in a save: the briefing, and a page of it for people if one is asked for. */
export function buildBriefing(input: BuildBriefingInput, options: CallOptions): Promise<BuildBriefingOutput> {
  const proxy = proxyActivities<SaveParsingActivities>(optionsFor(SaveParsingQueue, SaveParsingPolicies.buildBriefing, options));
  return proxy.buildBriefing(input).then(whole);
}

/** Answers a list of questions about a save. */
export function querySave(input: QuerySaveInput, options: CallOptions): Promise<QuerySaveOutput> {
  const proxy = proxyActivities<SaveParsingActivities>(optionsFor(SaveParsingQueue, SaveParsingPolicies.querySave, options));
  return proxy.querySave(input).then(whole);
}

/** Writes a section of a save to the blob store, a line of JSON for each entry. */
export function exportSection(input: ExportSectionInput, options: CallOptions): Promise<ExportSectionOutput> {
  const proxy = proxyActivities<SaveParsingActivities>(optionsFor(SaveParsingQueue, SaveParsingPolicies.exportSection, options));
  return proxy.exportSection(input).then(whole);
}
