import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { CodecKeys } from './codec-keys.js';
import { EncryptionCodec } from './payload-codec.js';

/** Compiled, the failure converter that leaves nothing readable outside of payloads. */
export const ENCODED_FAILURES = fileURLToPath(new URL('./encoded-failures.cjs', import.meta.url));

/** What a worker or a client needs so that the server sees nothing of what it stores in the clear. */
export function encryptedWith(keys: CodecKeys): DataConverter {
  return { payloadCodecs: [new EncryptionCodec(keys)], failureConverterPath: ENCODED_FAILURES };
}
