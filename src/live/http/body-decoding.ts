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

/** The decoded body; `undefined` if it cannot be decoded. `lengths` are those of its parts, encoded. */
export function decodeBody(encoded: Uint8Array, lengths: readonly number[], encoding: string): DecodedBody | undefined {
  if (encoded.byteLength === 0) return { body: encoded, parts: [] };
  const layers = codingsOf(encoding)?.toReversed();
  if (layers === undefined) return undefined;
  if (layers.length === 0) return { body: encoded, parts: lengths };
  try {
    return lengths.length <= 1 ? decodeWhole(encoded, layers) : decodeParts(encoded, lengths, layers);
  } catch {
    return undefined;
  }
}

function decodeWhole(encoded: Uint8Array, layers: readonly Coding[]): DecodedBody {
  let body = encoded;
  for (const layer of layers) body = layer.decodeWhole(body, { maxOutputLength: decodedBytesMax });
  return { body, parts: [body.byteLength] };
}

function decodeParts(encoded: Uint8Array, lengths: readonly number[], layers: readonly Coding[]): DecodedBody {
  const coders: { readonly coder: SteppedCoder; readonly flush: number }[] = [];
  try {
    const decoded: Uint8Array[] = [];
    let offset = 0;
    let byteCount = 0;
    for (const length of lengths) {
      let bytes = encoded.subarray(offset, offset + length);
      offset += length;
      for (const [index, { decoder, flush }] of layers.entries()) {
        if (bytes.byteLength === 0) break;
        coders[index] ??= { coder: new SteppedCoder(decoder(bytes[0] as number)), flush };
        bytes = coders[index].coder.step(bytes, flush);
      }
      decoded.push(bytes);
      byteCount += bytes.byteLength;
      if (byteCount > decodedBytesMax) throw new RangeError('the decoded body is too large');
    }
    return { body: Buffer.concat(decoded, byteCount), parts: decoded.map((part) => part.byteLength) };
  } finally {
    for (const { coder } of coders) coder.close();
  }
}
