import { createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigurationError, readNamed } from './configuration-error.js';

/** A key of payload encryption. */
export interface CodecKey {
  /** Travels with every payload, so that the reader knows which key to take. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The first key encrypts, each of them decrypts: a key is replaced by putting the new one before it. */
export type CodecKeys = readonly [CodecKey, ...CodecKey[]];

const SETTING = 'GANTRY_CODEC_KEYS';
const KEY_ID = /^[A-Za-z0-9._-]{1,63}$/u;
const VARIABLE = /^env:(?<name>[A-Za-z_][A-Za-z0-9_]*)$/u;
const FILE = /^file:(?<path>.+)$/su;
const KEY_BYTES = 32;

/** The keys that the reference names. No message repeats anything that could be a key. */
export function codecKeys(reference: string, environment: Readonly<Partial<Record<string, string>>>): CodecKeys {
  const keys: CodecKey[] = [];
  for (const [index, line] of referred(reference, environment).split('\n').entries()) {
    if (line.trimStart().startsWith('#')) continue;
    for (const entry of line.split(',').map((part) => part.trim())) {
      if (entry === '') continue;
      const key = codecKey(entry, index + 1);
      if (keys.some(({ id }) => id === key.id)) throw wrongLine(index + 1, 'a key id that was there before');
      keys.push(key);
    }
  }
  const [first, ...others] = keys;
  if (first === undefined) throw new ConfigurationError(`what ${SETTING} names holds no key: ${EXPECTED}`);
  return [first, ...others];
}

const EXPECTED = 'expected a line <key id>:<base64 of 32 bytes> for each key';

function referred(reference: string, environment: Readonly<Partial<Record<string, string>>>): string {
  const name = VARIABLE.exec(reference)?.groups?.['name'];
  if (name !== undefined) {
    const value = environment[name] ?? '';
    if (value === '') throw new ConfigurationError(`${SETTING} names the variable ${name}, which is not set`);
    return value;
  }
  const path = FILE.exec(reference)?.groups?.['path'];
  if (path === undefined) {
    throw new ConfigurationError(
      `${SETTING} is no reference; expected env:NAME or file:PATH, never the keys themselves`,
    );
  }
  return readNamed(SETTING, path).toString();
}

function codecKey(entry: string, line: number): CodecKey {
  const colon = entry.indexOf(':');
  if (colon < 0) throw wrongLine(line, 'a key without a key id');
  const id = entry.slice(0, colon);
  if (!KEY_ID.test(id)) throw wrongLine(line, 'a key id that is not 1 to 63 of A-Z, a-z, 0-9, ".", "_" and "-"');
  const base64 = entry.slice(colon + 1);
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is not base64; only what comes back the same was.
  if (bytes.toString('base64') !== base64) throw wrongLine(line, 'a key that is not base64 with its padding');
  if (bytes.length !== KEY_BYTES) throw wrongLine(line, `a key of ${bytes.length} bytes instead of ${KEY_BYTES}`);
  return { id, key: createSecretKey(bytes) };
}

function wrongLine(line: number, found: string): ConfigurationError {
  return new ConfigurationError(`line ${line} of what ${SETTING} names has ${found}; ${EXPECTED}`);
}
