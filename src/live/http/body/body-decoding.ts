// Bodies are stored decoded: they can then be read, compared and redacted.
import { codingsOf } from './content-coding.ts';
import type { Coding } from './content-coding.ts';
import { SteppedCoder } from './stepped-coder.ts';

/** How large a decoded body may be: a decompression bomb must not take down the process. */
const decodedBytesMax = 64 * 1024 * 1024;

export interface DecodedBody {
  readonly body: Uint8Array;
  /** How many bytes of the body each part holds. */
  readonly parts: readonly number[];
}

/**
 * The decoded body; `undefined` if it cannot be decoded. `lengths` are those of its parts, encoded. `isWhole`: all of it
 * arrived, and so has to be what its coding makes of a whole body.
 */
export function decodeBody(
  encoded: Uint8Array,
  lengths: readonly number[],
  encoding: string,
  isWhole: boolean,
): DecodedBody | undefined {
  if (encoded.byteLength === 0) return { body: encoded, parts: [] };
  const layers = codingsOf(encoding)?.toReversed();
  if (layers === undefined) return undefined;
  if (layers.length === 0) return { body: encoded, parts: lengths };
  try {
    return lengths.length <= 1 ? decodeOne(encoded, layers, isWhole) : decodeParts(encoded, lengths, layers, isWhole);
  } catch {
    return undefined;
  }
}

function decodeOne(encoded: Uint8Array, layers: readonly Coding[], isWhole: boolean): DecodedBody {
  let body = encoded;
  for (const { decode, flush, finish } of layers)
    body = decode(body, { maxOutputLength: decodedBytesMax, finishFlush: isWhole ? finish : flush });
  return { body, parts: [body.byteLength] };
}

function decodeParts(
  encoded: Uint8Array,
  lengths: readonly number[],
  layers: readonly Coding[],
  isWhole: boolean,
): DecodedBody {
  const coders: SteppedCoder[] = [];
  try {
    const decoded: Uint8Array[] = [];
    let offset = 0;
    let byteCount = 0;
    for (const [place, length] of lengths.entries()) {
      const isEnd = isWhole && place === lengths.length - 1;
      let bytes = encoded.subarray(offset, offset + length);
      offset += length;
      for (const [index, { decoder, flush, finish }] of layers.entries()) {
        if (bytes.byteLength === 0) break;
        coders[index] ??= new SteppedCoder(decoder(bytes[0] as number));
        bytes = coders[index].step(bytes, isEnd ? finish : flush);
      }
      decoded.push(bytes);
      byteCount += bytes.byteLength;
      if (byteCount > decodedBytesMax) throw new RangeError('the decoded body is too large');
    }
    return { body: Buffer.concat(decoded, byteCount), parts: decoded.map((part) => part.byteLength) };
  } finally {
    for (const coder of coders) coder.close();
  }
}
