// The codings of bodies: which there are, and how each is taken off and put on.
import {
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  createZstdCompress,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Transform } from 'node:stream';

export interface Coding {
  /** Until `finishFlush`: a body may have been read up to any byte. */
  readonly decode: (
    bytes: Uint8Array,
    limits: { readonly maxOutputLength: number; readonly finishFlush: number },
  ) => Uint8Array;
  /** `first`: the first byte of the body. */
  readonly decoder: (first: number) => Transform;
  readonly encoder: () => Transform;
  /** Gives everything there is so far, and the end. */
  readonly flush: number;
  readonly finish: number;
}

const zlib = { flush: constants.Z_SYNC_FLUSH, finish: constants.Z_FINISH };

const gzip: Coding = {
  ...zlib,
  decode: gunzipSync,
  decoder: () => createGunzip(),
  encoder: () => createGzip(),
};

/** Some servers leave out the zlib header; the low bits of the first byte tell. */
const hasHeader = (first: number): boolean => (first & 0x0f) === 0x08;

const codings = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'deflate',
    {
      ...zlib,
      decode: (bytes, limits) => (hasHeader(bytes[0] ?? 0) ? inflateSync : inflateRawSync)(bytes, limits),
      decoder: (first) => (hasHeader(first) ? createInflate() : createInflateRaw()),
      encoder: () => createDeflate(),
    },
  ],
  [
    'br',
    {
      flush: constants.BROTLI_OPERATION_FLUSH,
      finish: constants.BROTLI_OPERATION_FINISH,
      decode: brotliDecompressSync,
      decoder: () => createBrotliDecompress(),
      encoder: () => createBrotliCompress(),
    },
  ],
  [
    'zstd',
    {
      flush: constants.ZSTD_e_flush,
      finish: constants.ZSTD_e_end,
      decode: zstdDecompressSync,
      decoder: () => createZstdDecompress(),
      encoder: () => createZstdCompress(),
    },
  ],
]);

/** Clients decode a few layers at most, and each further one multiplies the work. */
const layersMax = 5;

/** The codings in which a body was encoded, the first one first; `undefined` if one of them is not known. */
export function codingsOf(encoding: string): readonly Coding[] | undefined {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'identity' && name !== '');
  if (names.length > layersMax) return undefined;
  const found = names.flatMap((name) => codings.get(name) ?? []);
  return found.length === names.length ? found : undefined;
}
