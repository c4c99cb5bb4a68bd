// A process may die after any entry that it wrote. A resume from there arrives at the journal of the uninterrupted run,
// and repeats nothing that is journaled.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { graphScript } from '../scenario.ts';
import { canonicalLines, performedIn, resumedRun, wholeRun } from './prefix-run.ts';
import type { Session, Setting } from './prefix-run.ts';
import { released, withoutFailures } from './resumable-nodes.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 500 : 20;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);
const timeout = isLong ? 7_200_000 : 120_000;

const schedule = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
const maxConcurrent = fc.constantFrom(1, 2, 8, Number.POSITIVE_INFINITY);

/** For longer journals only so many prefixes are tried, evenly spaced: the work is quadratic in the length. */
const cutsMax = isLong ? 1_000 : 120;

/** Prefixes that a crash may leave: the run is created with its first commit, and its end is not a crash. */
function* cuts(entries: readonly Entry[]): Generator<number> {
  const last = entries.at(-1)?.kind === 'end' ? entries.length - 1 : entries.length;
  const stride = Math.max(1, last / cutsMax);
  for (let place = 2; place <= last; place += stride) yield Math.floor(place);
}

/**
 * A failing task ends the step once only people could advance it. So in the failed step it depends on the world whether
 * a question was answered in time, and a crash that loses the answer makes a different world.
 */
function comparedCount(entries: readonly Entry[]): number {
  const end = entries.at(-1);
  if (end?.kind !== 'end' || end.end.status !== 'failed') return entries.length;
  const committed = entries.findLastIndex((entry) => entry.kind === 'commit' && !entry.at.includes('/'));
  const isAsked = entries.slice(committed).some((entry) => entry.kind === 'begin' && entry.type === 'ask');
  return isAsked ? committed : entries.length;
}

function checkNothingTwice(prefix: readonly Entry[], { performed }: Session, what: string): void {
  const known = performedIn(prefix);
  expect(
    performed.filter((name) => known.has(name)),
    `performed again ${what}`,
  ).toEqual([]);
}

/** Whatever was stopped has cleaned up by the end: at least its first function, which is registered before anything else. */
function checkCleanedUp(entries: readonly Entry[], what: string): number {
  const stopped = entries.flatMap((entry) => (entry.kind === 'stop' ? [entry.at] : []));
  const cleaned = new Set<string>(
    entries.flatMap((entry) => (entry.kind === 'effect' && entry.name === released ? [entry.at] : [])),
  );
  const subgraphs = new Set(entries.flatMap(({ at }) => (at.includes('/') ? [at.slice(0, at.lastIndexOf('/'))] : [])));
  const left = stopped.filter((at) => !cleaned.has(`${at}!0`) && !subgraphs.has(at));
  expect(left, `not cleaned up ${what}`).toEqual([]);
  return cleaned.size;
}

async function checkEveryPrefix(setting: Setting, order: string): Promise<number> {
  const whole = await wholeRun(setting, order);
  const wanted = canonicalLines(whole.entries);
  checkCleanedUp(whole.entries, 'by a run that was never interrupted');
  const releases = whole.performed.filter((name) => name.includes('!'));
  expect(new Set(releases).size, 'each once').toBe(releases.length);
  const draw = drawStream(order, 'second cut').next;
  const compared = comparedCount(whole.entries);
  let count = 0;
  for (const cut of cuts(whole.entries)) {
    if (cut > compared) break;
    const prefix = whole.entries.slice(0, cut);
    const what = `behind ${cut} of ${whole.entries.length} entries`;
    const resumed = await resumedRun(setting, prefix, `${order} ${cut}`);
    checkNothingTwice(prefix, resumed, what);
    checkCleanedUp(resumed.entries, what);
    expect(canonicalLines(resumed.entries), what).toEqual(wanted);
    count += 1;
    if (compared < whole.entries.length || cut % 4 !== 0) continue;
    const left = resumed.entries.length - 1 - cut;
    const second = cut + Math.floor(draw() * (left + 1));
    const again = resumed.entries.slice(0, second);
    const twice = await resumedRun(setting, again, `${order} ${cut} ${second}`);
    checkNothingTwice(again, twice, `${what}, and again behind ${second}`);
    expect(canonicalLines(twice.entries), `${what}, and again behind ${second}`).toEqual(wanted);
  }
  return count;
}

describe('a run that is cut off after any of its entries, once or twice', () => {
  it.each(['nowhere', 'top'] as const)(
    'arrives at the same journal, if nodes ask people %s',
    { timeout },
    async (asks) => {
      let count = 0;
      await fc.assert(
        fc.asyncProperty(graphScript(2), maxConcurrent, schedule, async (script, limit, order) => {
          count += await checkEveryPrefix({ script, asks, maxConcurrent: limit }, order);
        }),
        { numRuns, seed, timeout: timeout / 4 },
      );
      console.log(`every prefix, asks ${asks}: ${numRuns} graphs, ${count} prefixes, seed ${seed}`);
      expect(count).toBeGreaterThan(numRuns);
    },
  );

  it('arrives at the same journal, if nodes of subgraphs ask people too', { timeout }, async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(graphScript(2), maxConcurrent, schedule, async (script, limit, order) => {
        count += await checkEveryPrefix(
          { script: withoutFailures(script), asks: 'everywhere', maxConcurrent: limit },
          order,
        );
      }),
      { numRuns, seed, timeout: timeout / 4 },
    );
    console.log(`every prefix, asks everywhere: ${numRuns} graphs, ${count} prefixes, seed ${seed}`);
    expect(count).toBeGreaterThan(numRuns);
  });
});
