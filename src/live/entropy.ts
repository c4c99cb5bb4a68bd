import nodeCrypto from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Entropy } from '../port/entropy.ts';
import { liveClock } from './clock.ts';

// Captured at load: while an engine is open, what a node draws is kept.
const { randomBytes } = nodeCrypto;

/** Crockford's base 32 in lower case: no letter looks like a digit, and it sorts by code unit. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigitCount = 9;
const randomDigitCount = 7;

/** Ids sort by creation time; 35 random bits distinguish those of one millisecond. */
export const liveEntropy: Entropy = {
  runId: () => `run-${timeText(liveClock.now())}${randomText()}`,
  seed: () => takenBytes(8).toString('hex'),
  owner: () => `${machine()} ${process.pid} ${randomText()}`,
  isGone: (owner) => {
    const [place, pid] = owner.split(' ');
    // A container that is started again may give its new processes the numbers of the old ones, this one's first of all.
    if (place !== machine() || Number(pid) === process.pid) return undefined;
    return !isAlive(Number(pid));
  },
};

/** A process id identifies a process only within one machine and one namespace of it. */
function machine(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the host name has to do.
  }
  return `${hostname()}/${namespace}`.replaceAll(/\s/g, '_');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isUnreaped(pid);
  } catch (thrown) {
    // A process of another user cannot be signalled, but is alive.
    return (thrown as { readonly code?: unknown }).code !== 'ESRCH';
  }
}

/** Linux: a zombie, dead but never waited for by its parent. In a container it may stay so forever. */
function isUnreaped(pid: number): boolean {
  try {
    // The program's name, in parentheses, may contain anything; the state follows the last one.
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
  let text = '';
  for (const byte of takenBytes(randomDigitCount)) text += digits[byte % 32];
  return text;
}

/** Asking for random bytes takes as long as a step, so many are asked for at once. */
const drawnCount = 1_024;
let drawn = Buffer.alloc(0);

/** Bytes that nobody else is given. */
function takenBytes(count: number): Buffer {
  if (drawn.length < count) drawn = randomBytes(drawnCount);
  const taken = drawn.subarray(0, count);
  drawn = drawn.subarray(count);
  return taken;
}
