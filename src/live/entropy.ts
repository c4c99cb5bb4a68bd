import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
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
  owner: () => `${machine()} ${process.pid} ${randomText()}`,
  isGone: (owner) => {
    const [place, pid] = owner.split(' ');
    return place === machine() && !isAlive(Number(pid));
  },
};

/** Process ids mean something within one machine, and within one namespace of it. */
function machine(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: there the name of the machine has to do.
  }
  return `${hostname()}/${namespace}`.replaceAll(/\s/g, '_');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isUnreaped(pid);
  } catch (thrown) {
    // One that belongs to somebody else is alive as well.
    return (thrown as { readonly code?: unknown }).code !== 'ESRCH';
  }
}

/** Linux: it is dead, and whoever started it has not asked how it ended. In a container that may never be. */
function isUnreaped(pid: number): boolean {
  try {
    // The name of the program, in brackets, may hold anything; its state follows the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}

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
