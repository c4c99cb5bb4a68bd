// How values are stored in a file: as plain text, or encoded by the user's codec.
//   C1. With a codec, no column holds anything derived from a value, except its length and when it was written.
//   C2. A part is stored once per run, so equal parts need equal names: digests keyed with a secret of the file that
//       only the codec can read. With plain digests, anyone could guess a text and check whether the file holds it.
import { createHmac } from 'node:crypto';
import { MalformedValue } from '../../base/encode.ts';
import { RepriseError, messageOf } from '../../base/error.ts';

/** Encrypts values before they are written to the file, with a key that only you have. */
export interface StoreCodec {
  /** Stored in the file, so that it is never opened with another codec. Change it with the format, not with the key. */
  readonly name: string;
  encode(text: Uint8Array): Uint8Array;
  /** Returns the bytes that `encode` was given. It should throw for bytes encoded with another key. */
  decode(bytes: Uint8Array): Uint8Array;
}

/** What a column of the file holds: text in a file without a codec, bytes in a file with one. */
export type Column = string | Uint8Array;

export interface TextCodec {
  encode(text: string): Column;
  /** @throws MalformedValue */
  decode(column: unknown): string;
  /** The name in the file of a run's part with this digest. */
  partName(runId: string, digest: string): string;
}

export const plainCodec: TextCodec = {
  encode: (text) => text,
  decode(column) {
    if (typeof column === 'string') return column;
    throw new MalformedValue('it is not text');
  },
  partName: (_runId, digest) => digest,
};

const partNameLength = 32;

export function secretCodec(codec: StoreCodec, secret: Uint8Array): TextCodec {
  return {
    encode: (text) => encodedBytes(codec, Buffer.from(text, 'utf8')),
    decode(column) {
      if (!(column instanceof Uint8Array)) throw new MalformedValue('it is not encoded');
      return textOf(decodedBytes(codec, column));
    },
    partName: (runId, digest) =>
      createHmac('sha256', secret).update(`${runId}\0${digest}`).digest('hex').slice(0, partNameLength),
  };
}

/** @throws RepriseError `option-invalid`; and whatever the codec throws */
export function encodedBytes(codec: StoreCodec, bytes: Uint8Array): Uint8Array {
  const encoded: unknown = codec.encode(bytes);
  if (encoded instanceof Uint8Array) return bufferOf(encoded);
  throw new RepriseError('option-invalid', `codec "${codec.name}" does not encode to bytes`, {
    nextStep: 'Return a Uint8Array from `encode`, synchronously: a promise cannot be awaited here.',
    fields: { option: 'codec' },
  });
}

/** @throws MalformedValue */
export function decodedBytes(codec: StoreCodec, bytes: Uint8Array): Uint8Array {
  let decoded: unknown;
  try {
    decoded = codec.decode(bytes);
  } catch (thrown) {
    throw new MalformedValue(`codec "${codec.name}" cannot decode it: ${messageOf(thrown)}`);
  }
  if (decoded instanceof Uint8Array) return bufferOf(decoded);
  throw new MalformedValue(`codec "${codec.name}" does not decode it to bytes`);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedValue('it does not decode to text');
  }
}
