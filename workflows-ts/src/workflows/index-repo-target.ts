import type { IndexRepoInput } from '../contracts/types.js';
import { DEFAULT_ORG } from '../contracts/names.js';
import { invalidInput } from './failures.js';

/** What is indexed, and whose it is. */
export interface Target {
  readonly repoId: string;
  readonly orgId: string;
}

// Longer ones fit neither a search attribute nor the id of a child workflow; the server would refuse the workflow's
// task over and over instead of failing the run.
const LONGEST_ID = 255;

const WORKFLOW_ID = /^index\/(?<orgId>[^/]+)\/(?<repoId>.+)$/su;

/**
 * Checks the input and tells which repository it is about. Anyone can start a workflow with any JSON, and an error of
 * JavaScript's own would block the run instead of failing it, so nothing is taken on trust here.
 */
export function targetOf(input: IndexRepoInput, workflowId: string): Target {
  checkShape(input);
  const [url, path] = [given(input.repoUrl), given(input.path)];
  if ((url === undefined) === (path === undefined)) {
    throw invalidInput({
      what: url === undefined ? 'neither repoUrl nor path is given' : 'both repoUrl and path are given',
      where: 'input.repoUrl, input.path',
      hint: 'give the URL of a git repository or a folder on the worker’s host, exactly one of them',
    });
  }
  const fromId = WORKFLOW_ID.exec(workflowId)?.groups;
  const repoId = given(input.repoId) ?? fromId?.['repoId'];
  if (repoId === undefined) {
    throw invalidInput({
      what: 'there is no repoId',
      where: `input.repoId, workflow id ${workflowId}`,
      hint: 'give a repoId, or start the workflow with the id index/<orgId>/<repoId>',
    });
  }
  const orgId = given(input.orgId) ?? fromId?.['orgId'] ?? DEFAULT_ORG;
  for (const [name, id] of Object.entries({ repoId, orgId })) {
    if (id.length > LONGEST_ID) {
      throw invalidInput({
        what: `${name} has ${id.length} characters`,
        where: `input.${name}`,
        hint: `use at most ${LONGEST_ID} characters`,
      });
    }
  }
  return { repoId, orgId };
}

/** The text, unless it is absent or empty. Clients in other languages may send null for an absent field. */
export function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}

/** The list, unless it is absent. An empty one is an answer: none. */
export function givenList(list: string[] | null | undefined): string[] | undefined {
  return list ?? undefined;
}

const TEXTS = ['repoUrl', 'path', 'repoId', 'orgId', 'branch', 'credential'] as const;
const LISTS = ['indexers', 'scipFiles'] as const;

function checkShape(input: unknown): void {
  const fields = fieldsOf(input, 'input');
  for (const name of TEXTS) checkText(fields, name, 'input');
  for (const name of LISTS) checkList(fields, name);
  const seconds = fields['hostTimeoutSeconds'] ?? 1;
  if (typeof seconds !== 'number' || !(seconds > 0)) throw wrongKind('input.hostTimeoutSeconds', 'a number above 0');
  const after = fields['after'] ?? [];
  if (!Array.isArray(after)) throw wrongKind('input.after', 'a list of {workflowType, taskQueue}');
  after.forEach((followUp: unknown, index) => {
    const where = `input.after[${index}]`;
    const texts = fieldsOf(followUp, where);
    for (const name of ['workflowType', 'taskQueue']) {
      checkText(texts, name, where);
      if ((texts[name] ?? '') === '') throw wrongKind(`${where}.${name}`, 'a text');
    }
  });
}

function fieldsOf(value: unknown, where: string): Partial<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongKind(where, 'an object');
  return value;
}

function checkText(fields: Partial<Record<string, unknown>>, name: string, where: string): void {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw wrongKind(`${where}.${name}`, 'a text');
}

function checkList(fields: Partial<Record<string, unknown>>, name: string): void {
  const list = fields[name] ?? [];
  if (!Array.isArray(list)) throw wrongKind(`input.${name}`, 'a list of texts');
  list.forEach((text: unknown, index) => {
    if (typeof text !== 'string' || text === '') throw wrongKind(`input.${name}[${index}]`, 'a text');
  });
}

function wrongKind(where: string, expected: string): Error {
  return invalidInput({ what: `${where} is not ${expected}`, where, hint: 'see IndexRepoInput in the contracts' });
}
