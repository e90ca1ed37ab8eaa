import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { codecKeys } from '../src/codec-keys.js';
import { ConfigurationError } from '../src/configuration-error.js';

const base64 = (filled: number, length = 32): string => Buffer.alloc(length, filled).toString('base64');
const [ONE, TWO] = [base64(1), base64(2)];

function read(text: string): string[] {
  return codecKeys('env:KEYS', { KEYS: text }).map(({ id, key }) => `${id}:${key.export().toString('base64')}`);
}

function refusal(reference: string, environment: Record<string, string> = {}): string {
  try {
    codecKeys(reference, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  assert.fail('it was taken');
}

test('reads keys from a variable, by line or with commas', () => {
  assert.deepEqual(read(`a:${ONE}`), [`a:${ONE}`]);
  assert.deepEqual(read(`  a:${ONE} , B.b_-9:${TWO},`), [`a:${ONE}`, `B.b_-9:${TWO}`]);
  assert.deepEqual(read(`# current\r\na:${ONE}\r\n\r\n  # before, x:y\r\nb:${TWO}\r\n`), [`a:${ONE}`, `b:${TWO}`]);
  assert.deepEqual(read(`${'x'.repeat(63)}:${ONE}`), [`${'x'.repeat(63)}:${ONE}`]);
});

test('reads keys from a file, and says which one it cannot read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'codec-keys-'));
  const path = join(folder, 'keys');
  try {
    await writeFile(path, `a:${ONE}\n`);
    assert.deepEqual(
      codecKeys(`file:${path}`, {}).map(({ id }) => id),
      ['a'],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.equal(refusal(`file:${path}`), `GANTRY_CODEC_KEYS names the file ${path}, which cannot be read (ENOENT)`);
});

test('refuses a literal value without repeating it', () => {
  for (const literal of [`a:${ONE}`, ONE, `env:${ONE}`, 'env:', 'file:', 'environment:X']) {
    assert.equal(
      refusal(literal, { KEYS: `a:${ONE}` }),
      'GANTRY_CODEC_KEYS is no reference; expected env:NAME or file:PATH, never the keys themselves',
    );
  }
});

test('says which variable is not set', () => {
  for (const environment of [{}, { KEYS: '' }] as Record<string, string>[]) {
    assert.equal(refusal('env:KEYS', environment), 'GANTRY_CODEC_KEYS names the variable KEYS, which is not set');
  }
});

const EXPECTED = 'expected a line <key id>:<base64 of 32 bytes> for each key';

for (const [fault, text, line, found] of [
  ['no key id', `# keys\n${ONE}`, 2, 'a key without a key id'],
  ['an empty key id', `:${ONE}`, 1, 'a key id that is not 1 to 63 of A-Z, a-z, 0-9, ".", "_" and "-"'],
  ['a strange key id', `a b:${ONE}`, 1, 'a key id that is not 1 to 63 of A-Z, a-z, 0-9, ".", "_" and "-"'],
  ['a long key id', `${'x'.repeat(64)}:${ONE}`, 1, 'a key id that is not 1 to 63 of A-Z, a-z, 0-9, ".", "_" and "-"'],
  ['a key id twice', `a:${ONE}\nb:${ONE},a:${TWO}`, 2, 'a key id that was there before'],
  ['no padding', `a:${ONE.slice(0, -1)}`, 1, 'a key that is not base64 with its padding'],
  ['other characters', `a:${ONE.replace(/^./u, '!')}`, 1, 'a key that is not base64 with its padding'],
  ['loose last bits', `a:${ONE.replace(/.=$/u, 'F=')}`, 1, 'a key that is not base64 with its padding'],
  ['a short key', `a:${base64(1, 16)}`, 1, 'a key of 16 bytes instead of 32'],
  ['a long key', `\n\na:${base64(1, 33)}`, 3, 'a key of 33 bytes instead of 32'],
  ['no key', 'a:', 1, 'a key of 0 bytes instead of 32'],
] as const) {
  test(`refuses ${fault} with its line, and shows no key`, () => {
    const message = refusal('env:KEYS', { KEYS: text });
    assert.equal(message, `line ${line} of what GANTRY_CODEC_KEYS names has ${found}; ${EXPECTED}`);
  });
}

test('refuses to start without any key', () => {
  for (const KEYS of ['\n# nothing\n', ' , ,', ' ']) {
    assert.equal(refusal('env:KEYS', { KEYS }), `what GANTRY_CODEC_KEYS names holds no key: ${EXPECTED}`);
  }
});

test('keys do not show when they are logged', () => {
  const shown = inspect(codecKeys('env:KEYS', { KEYS: `a:${ONE}` }), { depth: 9, showHidden: true });
  assert.ok(!shown.includes(ONE) && !shown.includes('01 01 01'), shown);
});
