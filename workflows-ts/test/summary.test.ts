import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clipped } from '../src/call.js';
import { withoutSecrets } from '../src/workflows/url.js';

test('a URL is shown without user, password, query and fragment', () => {
  for (const [url, shown] of [
    ['https://git.example/a.git', 'https://git.example/a.git'],
    ['https://user@git.example/a.git', 'https://git.example/a.git'],
    ['https://user:p@ss@git.example:8443/a@b.git', 'https://git.example:8443/a@b.git'],
    ['https://git.example/a.git?access_token=secret#x', 'https://git.example/a.git'],
    ['ssh://git@git.example/a.git', 'ssh://git.example/a.git'],
    ['git@git.example:a.git', 'git.example:a.git'],
    ['https://git.example/@scope/a.git', 'https://git.example/@scope/a.git'],
  ] as const) {
    assert.equal(withoutSecrets(url), shown);
  }
});

test('a summary is cut by the bytes of its JSON, between characters', () => {
  assert.equal(clipped('abc', 3), 'abc');
  assert.equal(clipped('abcd', 3), 'abc…');
  assert.equal(clipped('𝄞𝄞', 7), '𝄞…');
  assert.equal(clipped('"""', 5), '""…');
});
