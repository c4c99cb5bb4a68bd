// Which codec a file uses. That is decided when the file is created, and stored in it: the codec's name, and a secret
// that shows whether the key is the right one.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { MalformedValue } from '../../../base/encode.ts';
import { RepriseError } from '../../../base/error.ts';
import { decodedBytes, encodedBytes, plainCodec, secretCodec } from '../../row/codec.ts';
import type { StoreCodec, TextCodec } from '../../row/codec.ts';
import type { SqliteHandle } from './handle.ts';

const secretLength = 32;
/** Precedes the secret. Without it, the garbage that a wrong key decodes to would pass for the secret. */
const mark = Buffer.from('reprise store secret\n', 'utf8');

/** Call this once per file, in the transaction that creates it. */
export function writeCodec(handle: SqliteHandle, codec: StoreCodec | undefined): void {
  const set = handle.prepare('INSERT INTO setting (name, value) VALUES (?, ?)');
  set.run('codec', codec?.name ?? '');
  if (codec === undefined) return;
  const plain = Buffer.concat([mark, randomBytes(secretLength)]);
  const encoded = encodedBytes(codec, plain);
  if (!isSame(decodedBytes(codec, encoded), plain)) {
    throw new RepriseError('option-invalid', `codec "${codec.name}" does not decode what it encodes`, {
      nextStep: 'Make `decode` return exactly the bytes that `encode` was given.',
      fields: { option: 'codec' },
    });
  }
  set.run('secret', encoded);
}

/** @throws RepriseError `store-other-codec`, `store-unreadable` with the wrong key */
export function fileCodec(handle: SqliteHandle, path: string, codec: StoreCodec | undefined): TextCodec {
  const get = handle.prepare('SELECT value FROM setting WHERE name = ?');
  const settingOf = (name: string): unknown => (get.get(name) as { readonly value: unknown } | undefined)?.value;
  const found = settingOf('codec');
  const name = typeof found === 'string' ? found : '';
  if (name !== (codec?.name ?? '')) throw otherCodec(path, name, codec?.name);
  return codec === undefined ? plainCodec : secretCodec(codec, secretOf(settingOf('secret'), path, codec));
}

/** For a file from a release without codecs. @throws RepriseError `store-other-codec` */
export function oldFileCodec(path: string, codec: StoreCodec | undefined): TextCodec {
  if (codec !== undefined) throw otherCodec(path, '', codec.name);
  return plainCodec;
}

function secretOf(column: unknown, path: string, codec: StoreCodec): Uint8Array {
  try {
    if (!(column instanceof Uint8Array)) throw new MalformedValue('its secret is missing');
    const plain = decodedBytes(codec, column);
    const isMarked = isSame(plain.subarray(0, mark.length), mark);
    if (!isMarked || plain.length !== mark.length + secretLength) throw new MalformedValue('the key is wrong');
    return plain.subarray(mark.length);
  } catch (cause) {
    if (!(cause instanceof MalformedValue)) throw cause;
    throw new RepriseError('store-unreadable', `the store ${path} cannot be decoded: ${cause.message}`, {
      nextStep: 'Give the codec the key that the file was created with. Nothing was changed.',
      cause,
      fields: { path, codec: codec.name },
    });
  }
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function otherCodec(path: string, found: string, given: string | undefined): RepriseError {
  const has = found === '' ? 'was created without a codec' : `was created with codec "${found}"`;
  const wants = given === undefined ? 'opened without one' : `opened with codec "${given}"`;
  return new RepriseError('store-other-codec', `the store ${path} ${has}, but ${wants}`, {
    nextStep:
      found === ''
        ? 'Open it without a codec, or choose another file: a file keeps the codec that it was created with.'
        : `Open it with sqliteStore(path, { codec }) and the codec "${found}". Nothing was changed.`,
    fields: { path, found, ...(given === undefined ? {} : { given }) },
  });
}
