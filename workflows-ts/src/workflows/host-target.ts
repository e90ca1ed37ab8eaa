import { invalidInput } from './failures.js';

/** Which of the queue's hosts has the files of a run: named by the input, else by the id `<kind>/<hostId>`. */
export function hostQueueOf(queue: string, hostId: unknown, workflowId: string, kind: string): string {
  return queueOn(queue, hostOf(hostId, workflowId, kind));
}

/** The host that has the files of a run, if one is named: by the input, else by the id `<kind>/<hostId>`. */
export function hostOf(hostId: unknown, workflowId = '', kind = ''): string | undefined {
  const fromId = workflowId.startsWith(`${kind}/`) ? workflowId.slice(kind.length + 1) : '';
  const host = hostId ?? fromId;
  if (typeof host !== 'string') throw wrongKind('input.hostId', 'a text');
  return host === '' ? undefined : host;
}

/** The queue that only this host's workers poll; the common one where no host is named. */
export function queueOn(queue: string, host: string | undefined): string {
  return host === undefined ? queue : `${queue}@${host}`;
}

/** A text that has to be there. */
export function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw wrongKind(where, 'a text');
  return value;
}

/** A text, if there is one. */
export function optionalTextOf(value: unknown, where: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, where);
}

/** A list of texts, if there is one. Anyone can start a workflow with any JSON. */
export function textsOf(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongKind(where, 'a list of texts');
  return value.map((text: unknown, index) => {
    if (typeof text !== 'string' || text === '') throw wrongKind(`${where}[${index}]`, 'a text');
    return text;
  });
}

/** A whole number above 0, if there is one. */
export function countOf(value: unknown, where: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw wrongKind(where, 'a whole number above 0');
  }
  return value;
}

/** A whole number, 0 or more. */
export function amountOf(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw wrongKind(where, 'a whole number, 0 or more');
  }
  return value;
}

/** The fields of an input that may be absent altogether. */
export function fieldsOf<T extends object>(input: T | null | undefined): Partial<Record<keyof T, unknown>> {
  const value: unknown = input ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongKind('input', 'an object');
  return value;
}

/** The failure of an input that is of another kind. */
export function wrongKind(where: string, expected: string): Error {
  return invalidInput({ what: `${where} is not ${expected}`, where, hint: 'see the contract of this workflow' });
}
