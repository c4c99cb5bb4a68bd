// Random streams derived from (seed, key). The same key always draws the same numbers, and no two keys share a stream.
// Source: sfc32 of Chris Doty-Humphrey's PractRand, seeded with a SHA-256 of seed and key.
import { createHash } from 'node:crypto';

export interface DrawStream {
  /** A number in [0, 1) with 53 random bits. */
  next(): number;
  /** A version-4 UUID. */
  uuid(): string;
  bytes(length: number): Uint8Array;
}

export function drawStream(seed: string, key: string): DrawStream {
  const start = createHash('sha256')
    .update(JSON.stringify([seed, key]))
    .digest();
  let a = start.readUInt32LE(0);
  let b = start.readUInt32LE(4);
  let c = start.readUInt32LE(8);
  let counter = 1;
  const draw32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) draw32();
  return {
    next: () => ((draw32() >>> 5) * 0x4000000 + (draw32() >>> 6)) / 0x20000000000000,
    uuid: () => uuidOf([draw32(), draw32(), draw32(), draw32()]),
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let index = 0; index < length; index += 1) bytes[index] = draw32();
      return bytes;
    },
  };
}

function uuidOf(words: readonly number[]): string {
  const bytes = Buffer.alloc(16);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
