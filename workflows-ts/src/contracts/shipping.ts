// Generated from activities/contracts by `make contracts`. Do not edit.
import { proxyActivities } from '@temporalio/workflow';
import { type CallOptions, optionsFor, type Policy, whole } from '../call.js';
import type { DiscoverSessionsInput, DiscoverSessionsOutput, OrBlob, RecoverGapsInput, RecoverGapsOutput, ReplaySpoolInput, ReplaySpoolOutput, ShipBatchInput, ShipBatchOutput, ShippingStatusInput, ShippingStatusOutput } from './types.js';

export const ShippingQueue = 'shipping';

export interface ShippingActivities {
  /** Finds the session files of the agents and tells how much of them is not shipped yet. */
  discoverSessions(input: DiscoverSessionsInput): Promise<OrBlob<DiscoverSessionsOutput>>;
  /** Ships what is new in the named files, or in all of them. */
  shipBatch(input: ShipBatchInput): Promise<OrBlob<ShipBatchOutput>>;
  /** Ships the ranges that could not be shipped before. */
  replaySpool(input: ReplaySpoolInput): Promise<OrBlob<ReplaySpoolOutput>>;
  /** Puts into the spool what an ended process had taken up and not shipped. */
  recoverGaps(input: RecoverGapsInput): Promise<OrBlob<RecoverGapsOutput>>;
  /** Tells what is shipped and what is not. */
  shippingStatus(input: ShippingStatusInput): Promise<OrBlob<ShippingStatusOutput>>;
}

export const ShippingPolicies = {
  discoverSessions: { startToCloseS: 600, heartbeatS: 30, maxAttempts: 10 },
  shipBatch: { startToCloseS: 21600, heartbeatS: 30, maxAttempts: 0, scheduleToCloseS: 604800 },
  replaySpool: { startToCloseS: 3600, heartbeatS: 30, maxAttempts: 0, scheduleToCloseS: 604800 },
  recoverGaps: { startToCloseS: 600, heartbeatS: 30, maxAttempts: 10 },
  shippingStatus: { startToCloseS: 60, heartbeatS: 30, maxAttempts: 5 },
} as const satisfies Record<keyof ShippingActivities, Policy>;

/** Finds the session files of the agents and tells how much of them is not shipped yet. */
export function discoverSessions(input: DiscoverSessionsInput, options: CallOptions): Promise<DiscoverSessionsOutput> {
  const proxy = proxyActivities<ShippingActivities>(optionsFor(ShippingQueue, ShippingPolicies.discoverSessions, options));
  return proxy.discoverSessions(input).then(whole);
}

/** Ships what is new in the named files, or in all of them. */
export function shipBatch(input: ShipBatchInput, options: CallOptions): Promise<ShipBatchOutput> {
  const proxy = proxyActivities<ShippingActivities>(optionsFor(ShippingQueue, ShippingPolicies.shipBatch, options));
  return proxy.shipBatch(input).then(whole);
}

/** Ships the ranges that could not be shipped before. */
export function replaySpool(input: ReplaySpoolInput, options: CallOptions): Promise<ReplaySpoolOutput> {
  const proxy = proxyActivities<ShippingActivities>(optionsFor(ShippingQueue, ShippingPolicies.replaySpool, options));
  return proxy.replaySpool(input).then(whole);
}

/** Puts into the spool what an ended process had taken up and not shipped. */
export function recoverGaps(input: RecoverGapsInput, options: CallOptions): Promise<RecoverGapsOutput> {
  const proxy = proxyActivities<ShippingActivities>(optionsFor(ShippingQueue, ShippingPolicies.recoverGaps, options));
  return proxy.recoverGaps(input).then(whole);
}

/** Tells what is shipped and what is not. */
export function shippingStatus(input: ShippingStatusInput, options: CallOptions): Promise<ShippingStatusOutput> {
  const proxy = proxyActivities<ShippingActivities>(optionsFor(ShippingQueue, ShippingPolicies.shippingStatus, options));
  return proxy.shippingStatus(input).then(whole);
}
