// A body that comes in many parts is decoded, and encoded again, without a word of Node about it.
import { constants, createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SteppedCoder } from '../../../../../src/live/http/body/stepped-coder.ts';

const partCount = 40;
const warnings: Error[] = [];
const hear = (warning: Error): unknown => warnings.push(warning);

beforeEach(() => {
  warnings.length = 0;
  process.on('warning', hear);
});
afterEach(() => {
  process.off('warning', hear);
});

const told = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

it('takes any number of parts, each with what comes of it', async () => {
  const encoder = new SteppedCoder(createGzip());
  const decoder = new SteppedCoder(createGunzip());
  const parts = Array.from({ length: partCount }, (_unused, index) => `part ${index} `);
  const decoded = parts.map((part) => {
    const encoded = encoder.step(Buffer.from(part), constants.Z_SYNC_FLUSH);
    return Buffer.from(decoder.step(encoded, constants.Z_SYNC_FLUSH)).toString();
  });
  encoder.close();
  decoder.close();
  expect(decoded).toEqual(parts);
  await told();
  expect(warnings).toEqual([]);
});

it('says of each step that fails that it did, and nothing else does', async () => {
  const encoded = gzipSync('text '.repeat(10_000));
  for (let step = 0; step < partCount; step += 1) {
    const decoder = new SteppedCoder(createGunzip());
    decoder.step(encoded.subarray(0, 10), constants.Z_SYNC_FLUSH);
    expect(() => decoder.step(Buffer.alloc(100, 0xff), constants.Z_SYNC_FLUSH)).toThrow();
    decoder.close();
  }
  expect(gunzipSync(encoded)).toHaveLength(50_000);
  await told();
  expect(warnings).toEqual([]);
});

it('holds on to nothing of the steps before', () => {
  const stream = createGunzip();
  const decoder = new SteppedCoder(stream);
  const encoded = gzipSync(Buffer.alloc(100_000, 7));
  for (let place = 0; place < encoded.length; place += 3)
    decoder.step(encoded.subarray(place, place + 3), constants.Z_SYNC_FLUSH);
  expect(stream.listenerCount('error')).toBe(1);
  decoder.close();
});
