// A process may die after any entry that it wrote. A resume from there arrives at the journal of the uninterrupted run,
// and repeats nothing that is journaled: with questions, signals, gates and clean-ups among the work.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import type { EffectRef, Entry } from '../../../src/journal/entry.ts';
import { cleanedUpNote } from '../../../src/journal/step/stops.ts';
import { released } from '../reference/script.ts';
import { graphScript, withGates, withoutFailures } from '../scenario.ts';
import { canonicalLines, performedIn, resumedRun, wholeRun } from './prefix-run.ts';
import type { Session, Setting } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 1_500 : 30;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);
const timeout = isLong ? 7_200_000 : 240_000;

const schedule = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
const maxConcurrent = fc.constantFrom(1, 2, 8, Number.POSITIVE_INFINITY);

/** For longer journals only so many prefixes are tried, evenly spaced: the work is quadratic in the length. */
const cutsMax = isLong ? 1_000 : 22;

/** Prefixes that a crash may leave: the run is created with its first commit, and its end is not a crash. */
function* cuts(entries: readonly Entry[]): Generator<number> {
  const last = entries.at(-1)?.kind === 'end' ? entries.length - 1 : entries.length;
  const stride = Math.max(1, last / cutsMax);
  for (let place = 2; place <= last; place += stride) yield Math.floor(place);
}

/**
 * A failing task ends the step once only people could advance it. So in the failed step it depends on the world whether
 * a question was answered in time, and a crash that loses the answer makes a different world. For the same reason nodes of
 * subgraphs wait only where nothing fails.
 */
function comparedCount(entries: readonly Entry[]): number {
  const end = entries.at(-1);
  if (end?.kind !== 'end' || end.end.status !== 'failed') return entries.length;
  const committed = entries.findLastIndex((entry) => entry.kind === 'commit' && !entry.at.includes('/'));
  const waits = entries.slice(committed).some((entry) => entry.kind === 'begin' && isWait(entry));
  return waits ? committed : entries.length;
}

const graphs = fc.oneof(
  { weight: 1, arbitrary: graphScript(2, 'wait at the top') },
  { weight: 3, arbitrary: graphScript(1, 'wait at the top') },
  { weight: 2, arbitrary: graphScript(1, 'wait everywhere').map(withoutFailures) },
);

function isWait({ type }: EffectRef): boolean {
  return type === 'ask' || type === 'receive';
}

/** What the runs held, so that the law says something about each. */
class Seen {
  readonly counts = { graphs: 0, prefixes: 0, answers: 0, signals: 0, gates: 0, cleanUps: 0 };

  add(entries: readonly Entry[]): void {
    this.counts.graphs += 1;
    for (const entry of entries) {
      if (entry.kind === 'effect' && entry.type === 'ask') this.counts.answers += 1;
      if (entry.kind === 'effect' && entry.type === 'receive') this.counts.signals += 1;
      if (entry.kind === 'note' && entry.observed.terms?.passed !== undefined) this.counts.gates += 1;
      if (entry.kind === 'note' && entry.what === cleanedUpNote) this.counts.cleanUps += 1;
    }
  }
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

async function checkEveryPrefix(setting: Setting, order: string, seen: Seen): Promise<void> {
  const whole = await wholeRun(setting, order);
  const wanted = canonicalLines(whole.entries);
  checkCleanedUp(whole.entries, 'by a run that was never interrupted');
  const releases = whole.performed.filter((name) => name.includes('!'));
  expect(new Set(releases).size, 'each once').toBe(releases.length);
  seen.add(whole.entries);
  const draw = drawStream(order, 'second cut').next;
  const compared = comparedCount(whole.entries);
  for (const cut of cuts(whole.entries)) {
    if (cut > compared) break;
    const prefix = whole.entries.slice(0, cut);
    const what = `behind ${cut} of ${whole.entries.length} entries`;
    const resumed = await resumedRun(setting, prefix, `${order} ${cut}`);
    checkNothingTwice(prefix, resumed, what);
    checkCleanedUp(resumed.entries, what);
    expect(canonicalLines(resumed.entries), what).toEqual(wanted);
    seen.counts.prefixes += 1;
    if (compared < whole.entries.length || cut % 4 !== 0) continue;
    const left = resumed.entries.length - 1 - cut;
    const second = cut + Math.floor(draw() * (left + 1));
    const again = resumed.entries.slice(0, second);
    const twice = await resumedRun(setting, again, `${order} ${cut} ${second}`);
    checkNothingTwice(again, twice, `${what}, and again behind ${second}`);
    expect(canonicalLines(twice.entries), `${what}, and again behind ${second}`).toEqual(wanted);
  }
}

it('a run that is cut off after any of its entries, once or twice, arrives at the same journal', {
  timeout,
}, async () => {
  const seen = new Seen();
  await fc.assert(
    fc.asyncProperty(withGates(graphs), maxConcurrent, schedule, async ([script, pauses], limit, order) => {
      await checkEveryPrefix({ script, pauses, maxConcurrent: limit }, order, seen);
    }),
    { numRuns, seed, timeout: timeout / 2 },
  );
  console.log(`every prefix: ${JSON.stringify(seen.counts)}, seed ${seed}`);
  expect(Math.min(...Object.values(seen.counts))).toBeGreaterThan(5);
});
