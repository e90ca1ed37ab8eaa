import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf, wantsColours } from '../src/logger.js';

const TEXT = { format: 'text', colours: false } as const;

function entry(message: string, meta: Record<string | symbol, unknown> = {}) {
  return { level: 'WARN', message, meta, timestampNanos: 1_700_000_000_123_456_789n } as const;
}

test('a text line is time, level, message, fields', () => {
  const meta = { queue: 'workflows', tries: 2, why: 'not "there"\nyet', none: undefined, [Symbol('sdk')]: 1 };
  assert.equal(
    lineOf(entry('it\n  waits', meta), TEXT),
    '2023-11-14T22:13:20.123Z WARN  it waits queue=workflows tries=2 why="not \\"there\\"\\nyet"',
  );
});

test('a JSON line is one object', () => {
  const line = lineOf(entry('x', { n: 1, big: 2n, error: new Error('boom') }), { format: 'json', colours: false });
  const { error, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(rest, { n: 1, big: '2n', time: '2023-11-14T22:13:20.123Z', level: 'warn', message: 'x' });
  assert.match(String(error), /^Error: boom\n/u);
});

test('colours are for terminals, unless NO_COLOR says otherwise', () => {
  assert.ok(lineOf(entry('x'), { format: 'text', colours: true }).includes('\u001b[33mWARN'));
  assert.deepEqual(
    [wantsColours({ isTTY: true }, undefined), wantsColours({ isTTY: true }, '1'), wantsColours({}, undefined)],
    [true, false, false],
  );
});
