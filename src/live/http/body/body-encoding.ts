// A client that decodes by itself gets the body encoded again: in the same coding, in parts that hold what the recorded
// ones held. The bytes may be others than those of the server.
import { codingsOf } from './content-coding.ts';
import { SteppedCoder } from './stepped-coder.ts';

/** `isWhole`: the body ends after the last part. An unknown coding gives `undefined`. */
export function encodeParts(
  parts: readonly Uint8Array[],
  encoding: string,
  isWhole: boolean,
): readonly Uint8Array[] | undefined {
  const layers = codingsOf(encoding);
  if (layers === undefined) return undefined;
  let encoded = parts;
  for (const { encoder, flush, finish } of layers) {
    const coder = new SteppedCoder(encoder());
    const last = isWhole ? encoded.length - 1 : -1;
    encoded = encoded.map((part, index) => coder.step(part, index === last ? finish : flush));
    coder.close();
  }
  return encoded.filter((part) => part.byteLength > 0);
}
