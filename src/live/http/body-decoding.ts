import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

/** How large a decoded body may be: a decompression bomb must not take down the process. */
const decodedBytesMax = 64 * 1024 * 1024;

/** A body may have been read up to any byte, so decode as far as it goes. */
const limits = { maxOutputLength: decodedBytesMax };
const flush = { ...limits, finishFlush: constants.Z_SYNC_FLUSH };

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes, flush),
  'x-gzip': (bytes) => gunzipSync(bytes, flush),
  // Some servers leave out the zlib header; the low bits of the first byte tell.
  deflate: (bytes) => (((bytes[0] ?? 0) & 0x0f) === 0x08 ? inflateSync(bytes, flush) : inflateRawSync(bytes, flush)),
  br: (bytes) => brotliDecompressSync(bytes, { ...limits, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes) => zstdDecompressSync(bytes, { ...limits, finishFlush: constants.ZSTD_e_flush }),
};

/** The decoded body, or the encoded one if it cannot be decoded. */
export function decodeBody(
  encoded: Uint8Array,
  encoding: string,
): { readonly body: Uint8Array; readonly isDecoded: boolean } {
  if (encoded.byteLength === 0) return { body: encoded, isDecoded: true };
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .reverse();
  let body = encoded;
  for (const name of names) {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (decode === undefined) return { body: encoded, isDecoded: false };
    try {
      body = decode(body);
    } catch {
      return { body: encoded, isDecoded: false };
    }
  }
  return { body, isDecoded: true };
}
