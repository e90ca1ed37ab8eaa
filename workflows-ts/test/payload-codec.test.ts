import assert from 'node:assert/strict';
import { createHash, createSecretKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { optionsFor } from '../src/call.js';
import type { CodecKey } from '../src/codec-keys.js';
import { EncryptionCodec } from '../src/payload-codec.js';
import { REPOSITORY } from './support/paths.js';

const { Payload: Message } = proto.temporal.api.common.v1;

/** One of the cases that the Rust side is tested with as well. Bytes are base64. */
interface Vector {
  readonly name: string;
  readonly keyId: string;
  readonly key: string;
  readonly nonce: string;
  readonly payload: {
    readonly metadata: Record<string, string>;
    readonly data?: string;
    readonly dataRepeat?: { readonly data: string; readonly times: number };
    readonly externalPayloads?: { readonly sizeBytes: string }[];
  };
  readonly encrypted: {
    readonly metadata: Record<string, string>;
    readonly data?: string;
    readonly dataBytes?: number;
    readonly dataSha256?: string;
  };
}

const VECTORS = join(REPOSITORY, 'activities', 'contracts', 'testdata', 'payload-codec.json');
const vectors = JSON.parse(await readFile(VECTORS, 'utf8')) as Vector[];

const bytes = (base64 = ''): Buffer => Buffer.from(base64, 'base64');

function plain({ payload: { dataRepeat, data, ...others } }: Vector): Payload {
  const repeated = dataRepeat && Buffer.concat(Array<Buffer>(dataRepeat.times).fill(bytes(dataRepeat.data)));
  return Message.fromObject({ ...others, data: repeated ?? data });
}

function key(id: string, filled: number): CodecKey {
  return { id, key: createSecretKey(Buffer.alloc(32, filled)) };
}

/** A payload as an object of texts, to be compared. */
function texts(payload: Payload | undefined): unknown {
  return Message.toObject(Message.fromObject(payload ?? {}), { bytes: String, longs: String, defaults: true });
}

test('there are vectors', () => {
  assert.ok(vectors.length >= 5);
});

for (const vector of vectors) {
  test(`encrypts and decrypts as the other side does: ${vector.name}`, async () => {
    const { keyId, nonce, encrypted } = vector;
    const keys = [{ id: keyId, key: createSecretKey(bytes(vector.key)) }] as const;
    const codec = new EncryptionCodec(keys, () => bytes(nonce));
    const [sealed] = await codec.encode([plain(vector)]);
    const data = Buffer.from(sealed?.data ?? []);
    assert.deepEqual(texts({ ...sealed, data: null }), texts(Message.fromObject({ metadata: encrypted.metadata })));
    if (encrypted.data === undefined) {
      assert.deepEqual(
        [data.length, createHash('sha256').update(data).digest('hex')],
        [encrypted.dataBytes, encrypted.dataSha256],
      );
    } else {
      assert.equal(data.toString('base64'), encrypted.data);
    }
    const [opened] = await codec.decode([Message.fromObject({ metadata: encrypted.metadata, data })]);
    assert.deepEqual(texts(opened), texts(plain(vector)));
  });
}

const [old, current] = [key('2026-01', 1), key('2026-02', 2)];
const payload: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"x"') };

test('takes another nonce each time', async () => {
  const sealed = await new EncryptionCodec([current]).encode([payload, payload]);
  const nonces = sealed.map(({ data }) => Buffer.from(data ?? []).toString('hex', 0, 12));
  assert.notEqual(nonces[0], nonces[1]);
});

test('encrypts with the first key and decrypts with each', async () => {
  const [before] = await new EncryptionCodec([old]).encode([payload]);
  const rotated = new EncryptionCodec([current, old]);
  const [after] = await rotated.encode([payload]);
  assert.equal(Buffer.from(after?.metadata?.['encryption-key-id'] ?? []).toString(), '2026-02');
  for (const opened of await rotated.decode([before ?? {}, after ?? {}])) {
    assert.deepEqual(texts(opened), texts(payload));
  }
});

test('lets payloads pass that are not encrypted', async () => {
  const others = [payload, { data: Buffer.from('no metadata') }, {}];
  assert.deepEqual(await new EncryptionCodec([current]).decode(others), others);
});

test('names the key that is missing', async () => {
  const sealed = await new EncryptionCodec([old]).encode([payload]);
  await assert.rejects(new EncryptionCodec([current]).decode(sealed), {
    message:
      'a payload is encrypted with the key "2026-01", which is not there: add that key to what GANTRY_CODEC_KEYS names',
  });
});

test('refuses what was changed, cut or encrypted with another key of the same name', async () => {
  const codec = new EncryptionCodec([current]);
  const [sealed] = await codec.encode([payload]);
  const data = Buffer.from(sealed?.data ?? []);
  const flipped = (at: number) => data.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const [stranger] = await new EncryptionCodec([key(current.id, 9)]).encode([payload]);
  const damaged = [
    flipped(0), // nonce
    flipped(12), // ciphertext
    flipped(data.length - 1), // tag
    data.subarray(0, -1),
    data.subarray(0, 27), // too short for nonce and tag
    data.subarray(0, 5),
    Buffer.alloc(0),
    stranger?.data,
  ];
  for (const one of damaged) {
    await assert.rejects(codec.decode([{ ...sealed, data: one ?? null }]), {
      message:
        'a payload that is encrypted with the key "2026-02" cannot be decrypted: it is damaged, or the key of that id was another one',
    });
  }
});

test('the longest summary fits the server also when it is encrypted under the longest key id', async () => {
  const options = optionsFor(
    'queue',
    { startToCloseS: 1, heartbeatS: 1, maxAttempts: 1 },
    { summary: 'é'.repeat(999) },
  );
  const codec = new EncryptionCodec([key('k'.repeat(63), 1)]);
  const [encrypted] = await codec.encode([defaultPayloadConverter.toPayload(options.summary)]);
  assert.ok(Message.encode(encrypted ?? {}).finish().length <= 400);
});
