// How values stand in a file: as they are, or as what a function of the user's makes of them.
//   C1. With a codec no column holds anything that follows from a value, but for its length and when it was written.
//   C2. Parts are stored once a run, so their names must be equal where they are equal: keyed digests, by a secret of the
//       file that only the codec can read. Without it, who guesses a text could look whether its digest is there.
import { createHmac } from 'node:crypto';
import { MalformedValue } from '../../base/encode.ts';
import { RepriseError, messageOf } from '../../base/error.ts';

/** Encrypts values before they are written to the file, with a key that only you have. */
export interface StoreCodec {
  /** Kept in the file, so that it is not opened with another codec. Change it with the format, not with the key. */
  readonly name: string;
  encode(text: Uint8Array): Uint8Array;
  /** The bytes that `encode` was given. It should throw for bytes of another key. */
  decode(bytes: Uint8Array): Uint8Array;
}

/** What a column of the file holds: a text in a file without a codec. */
export type Column = string | Uint8Array;

export interface TextCodec {
  encode(text: string): Column;
  /** @throws MalformedValue */
  decode(column: unknown): string;
  /** What the part of a run with this digest is called in the file. */
  partName(runId: string, digest: string): string;
}

export const plainCodec: TextCodec = {
  encode: (text) => text,
  decode(column) {
    if (typeof column === 'string') return column;
    throw new MalformedValue('it is no text');
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
  throw new MalformedValue(`codec "${codec.name}" decodes it to something else than bytes`);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedValue('it decodes to something else than text');
  }
}
