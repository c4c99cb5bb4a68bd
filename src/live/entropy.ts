import { randomBytes } from 'node:crypto';
import type { Entropy } from '../port/entropy.ts';
import { liveClock } from './clock.ts';

/** Crockford's base 32 in lower case: no letter is taken for a digit, and its order is that of its code units. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigitCount = 9;
const randomDigitCount = 7;

/** Ids sort by the time at which they were made; 35 random bits tell apart those of one millisecond. */
export const liveEntropy: Entropy = {
  runId: () => `run-${timeText(liveClock.now())}${randomText()}`,
  seed: () => randomBytes(8).toString('hex'),
};

function timeText(time: number): string {
  let text = '';
  let rest = time;
  for (let place = 0; place < timeDigitCount; place += 1) {
    text = digits[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function randomText(): string {
  return [...randomBytes(randomDigitCount)].map((byte) => digits[byte % 32]).join('');
}
