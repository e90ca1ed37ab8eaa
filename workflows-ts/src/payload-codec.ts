import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import protobuf from 'protobufjs/minimal.js';
import type { CodecKeys } from './codec-keys.js';

const { Payload: Message } = proto.temporal.api.common.v1;

const CIPHER = 'aes-256-gcm';
const ENCODING = 'binary/encrypted';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

// Field numbers and wire types of temporal.api.common.v1.Payload and of an entry of its map.
const METADATA = (1 << 3) | 2;
const DATA = (2 << 3) | 2;
const ENTRY_KEY = (1 << 3) | 2;
const ENTRY_VALUE = (2 << 3) | 2;

/**
 * Encrypts what Temporal stores, so that the server sees no plain text. Written and read alike by the Rust side; the
 * vectors in activities/contracts/testdata hold both to one format.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: CodecKeys;
  readonly #nonce: () => Uint8Array;

  /** @param nonce is chosen by tests alone: with one key, a nonce that comes twice gives the plain text away. */
  constructor(keys: CodecKeys, nonce: () => Uint8Array = () => randomBytes(NONCE_BYTES)) {
    this.#keys = keys;
    this.#nonce = nonce;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.#encrypted(payload)));
  }

  /** Payloads in any other encoding pass: they are from before encryption was switched on. */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return new Promise((resolve) => {
      resolve(payloads.map((payload) => (isEncrypted(payload) ? this.#decrypted(payload) : payload)));
    });
  }

  #encrypted(payload: Payload): Payload {
    const [{ id, key }] = this.#keys;
    const nonce = this.#nonce();
    const cipher = createCipheriv(CIPHER, key, nonce);
    return {
      metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) },
      data: Buffer.concat([nonce, cipher.update(canonicalBytes(payload)), cipher.final(), cipher.getAuthTag()]),
    };
  }

  #decrypted({ metadata, data }: Payload): Payload {
    const id = Buffer.from(metadata?.['encryption-key-id'] ?? []).toString();
    const key = this.#keys.find((candidate) => candidate.id === id)?.key;
    if (key === undefined) {
      throw new Error(
        `a payload is encrypted with the key ${JSON.stringify(id)}, which is not there: add that key to what GANTRY_CODEC_KEYS names`,
      );
    }
    try {
      const sealed = Buffer.from(data ?? []);
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES).subarray(-TAG_BYTES));
      const bytes = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      return plainOf(Message.decode(bytes));
    } catch (error) {
      throw new Error(
        `a payload that is encrypted with the key ${JSON.stringify(id)} cannot be decrypted: it is damaged, or the key of that id was another one`,
        { cause: error },
      );
    }
  }
}

function isEncrypted({ metadata }: Payload): boolean {
  return Buffer.from(metadata?.['encoding'] ?? []).toString() === ENCODING;
}

/** Protobuf leaves the order of a map open; both languages take that of the keys' bytes, so their tests can compare. */
function canonicalBytes({ metadata, data, ...others }: Payload): Uint8Array {
  const writer = protobuf.Writer.create();
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => ({ key: Buffer.from(key), value }));
  for (const { key, value } of entries.sort((one, other) => Buffer.compare(one.key, other.key))) {
    writer.uint32(METADATA).fork().uint32(ENTRY_KEY).bytes(key).uint32(ENTRY_VALUE).bytes(value).ldelim();
  }
  if (data !== null && data !== undefined && data.length > 0) writer.uint32(DATA).bytes(data);
  return Message.encode(others, writer).finish();
}

// Accessors of the message class would be lost on the way to the workflow's thread.
function plainOf({ metadata, data, externalPayloads }: ReturnType<typeof Message.decode>): Payload {
  return { metadata, data, ...(externalPayloads.length > 0 && { externalPayloads }) };
}
