// Generated from activities/contracts by `make contracts`. Do not edit.
import { proxyActivities } from '@temporalio/workflow';
import { type CallOptions, optionsFor, type Policy, whole } from '../call.js';
import type { ExportEventsInput, ExportEventsOutput, ImportEventsInput, ImportEventsOutput, OrBlob, SweepSessionsInput, SweepSessionsOutput, WriteEventsInput, WriteEventsOutput } from './types.js';

export const IngestQueue = 'ingest';

export interface IngestActivities {
  /** Writes a list of events, as the HTTP batch does. */
  writeEvents(input: WriteEventsInput): Promise<OrBlob<WriteEventsOutput>>;
  /** Writes the events of a file, a line each; a new attempt goes on where the last one came to. */
  importEvents(input: ImportEventsInput): Promise<OrBlob<ImportEventsOutput>>;
  /** Writes the events of a span of time to a file, a line of JSON each, in a form that can be imported again. */
  exportEvents(input: ExportEventsInput): Promise<OrBlob<ExportEventsOutput>>;
  /** Marks sessions as idle, or as ended, that nothing was heard of for some time. */
  sweepSessions(input: SweepSessionsInput): Promise<OrBlob<SweepSessionsOutput>>;
}

export const IngestPolicies = {
  writeEvents: { startToCloseS: 300, heartbeatS: 30, maxAttempts: 0, scheduleToCloseS: 86400 },
  importEvents: { startToCloseS: 21600, heartbeatS: 30, maxAttempts: 0, scheduleToCloseS: 604800 },
  exportEvents: { startToCloseS: 21600, heartbeatS: 30, maxAttempts: 10 },
  sweepSessions: { startToCloseS: 60, heartbeatS: 30, maxAttempts: 5 },
} as const satisfies Record<keyof IngestActivities, Policy>;

/** Writes a list of events, as the HTTP batch does. */
export function writeEvents(input: WriteEventsInput, options: CallOptions): Promise<WriteEventsOutput> {
  const proxy = proxyActivities<IngestActivities>(optionsFor(IngestQueue, IngestPolicies.writeEvents, options));
  return proxy.writeEvents(input).then(whole);
}

/** Writes the events of a file, a line each; a new attempt goes on where the last one came to. */
export function importEvents(input: ImportEventsInput, options: CallOptions): Promise<ImportEventsOutput> {
  const proxy = proxyActivities<IngestActivities>(optionsFor(IngestQueue, IngestPolicies.importEvents, options));
  return proxy.importEvents(input).then(whole);
}

/** Writes the events of a span of time to a file, a line of JSON each, in a form that can be imported again. */
export function exportEvents(input: ExportEventsInput, options: CallOptions): Promise<ExportEventsOutput> {
  const proxy = proxyActivities<IngestActivities>(optionsFor(IngestQueue, IngestPolicies.exportEvents, options));
  return proxy.exportEvents(input).then(whole);
}

/** Marks sessions as idle, or as ended, that nothing was heard of for some time. */
export function sweepSessions(input: SweepSessionsInput, options: CallOptions): Promise<SweepSessionsOutput> {
  const proxy = proxyActivities<IngestActivities>(optionsFor(IngestQueue, IngestPolicies.sweepSessions, options));
  return proxy.sweepSessions(input).then(whole);
}
