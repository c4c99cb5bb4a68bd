import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../../../src/live/http/body/body-decoding.ts';

const text = 'what the body says, '.repeat(50);
const bytes = Buffer.from(text);
const decoded = (encoded: Uint8Array, encoding: string, isWhole = true): string => {
  const decodedBody = decodeBody(encoded, [encoded.byteLength], encoding, isWhole);
  if (decodedBody === undefined) throw new Error('not decoded');
  return Buffer.from(decodedBody.body).toString();
};

describe('a body is decoded', () => {
  it.each([
    ['identity', bytes],
    ['gzip', gzipSync(bytes)],
    ['X-GZIP', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['deflate', deflateRawSync(bytes)],
    ['br', brotliCompressSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
  ])('from %s', (encoding, encoded) => {
    expect(decoded(encoded, encoding)).toBe(text);
  });

  it('from several encodings, the last one first', () => {
    expect(decoded(gzipSync(deflateSync(bytes)), 'deflate, gzip')).toBe(text);
  });

  it.each([
    ['gzip', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['br', brotliCompressSync(bytes)],
  ])('from %s as far as it was read', (encoding, encoded) => {
    expect(text.startsWith(decoded(encoded.subarray(0, -4), encoding, false))).toBe(true);
  });

  it('from nothing to nothing', () => {
    expect(decoded(new Uint8Array(0), 'unknown')).toBe('');
  });
});

const cutZstd = zstdCompressSync(bytes).subarray(0, -4);
/** Node 22 decodes the beginning of such a body to nothing, and so does a client there, without an error. */
const tellsCutZstd = ((): boolean => {
  try {
    zstdDecompressSync(cutZstd);
    return false;
  } catch {
    return true;
  }
})();

describe('a body stays as it is', () => {
  it.each([
    ['an unknown encoding', bytes, 'snappy'],
    ['the name of something that every object has', bytes, 'constructor'],
    ['bytes that are not of their encoding', bytes, 'gzip'],
    ['an unknown encoding below a known one', gzipSync(bytes), 'snappy, gzip'],
    ['the beginning of a body that is said to be whole (gzip)', gzipSync(bytes).subarray(0, -4), 'gzip'],
    ['the beginning of a body that is said to be whole (br)', brotliCompressSync(bytes).subarray(0, -4), 'br'],
    ['more layers than a client takes off', bytes, 'gzip, gzip, gzip, gzip, gzip, gzip'],
    ['more than a decoded body may hold', gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1)), 'gzip'],
  ])('with %s', (_what, encoded, encoding) => {
    expect(decodeBody(encoded, [encoded.byteLength], encoding, true)).toBeUndefined();
    expect(decodeBody(encoded, [4, encoded.byteLength - 4], encoding, true)).toBeUndefined();
  });

  it.runIf(tellsCutZstd)('with the beginning of a body that is said to be whole (zstd)', () => {
    expect(decodeBody(cutZstd, [cutZstd.byteLength], 'zstd', true)).toBeUndefined();
    expect(decodeBody(cutZstd, [4, cutZstd.byteLength - 4], 'zstd', true)).toBeUndefined();
  });
});
