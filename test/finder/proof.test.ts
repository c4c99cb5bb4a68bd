// The proof is tested: what the watch claims to have proved is held against all orders, one after another.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import type { ExploreReport } from '../../src/explore/explore.ts';
import { RealmInspector } from '../../src/explore/watch/inspector.ts';
import { Identities } from '../../src/explore/watch/value-text.ts';
import { watchLimits } from '../../src/explore/watch/watch.ts';
import { someOrderDiffers } from './proof/brute-force.ts';
import { graphOf } from './proof/scenario.ts';
import type { Scenario } from './proof/scenario.ts';
import { scenarios } from './proof/scenarios.ts';
import { sharing } from './proof/sharing.ts';
import { recorded } from './recorded.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);
const ordersMax = isLong ? 2_000 : 30;

/** What the watch alone has shown, whatever the rungs after it have seen. */
function isProvedByWatch({ rungs, finding }: ExploreReport): boolean {
  const within = rungs.find((rung) => rung.name === 'within');
  const isWithinDone =
    within !== undefined && 'isComplete' in within && within.isComplete && finding?.rung !== 'within';
  return rungs.some(
    (rung) =>
      rung.name === 'watch' &&
      'written' in rung &&
      rung.written.length === 0 &&
      rung.unseen.length === watchLimits.length &&
      (!rung.hasSeveralWaits || isWithinDone),
  );
}

describe('the proof by a watch', () => {
  it('agrees with all orders', { timeout: 3_600_000 }, async () => {
    const seen = { proved: 0, different: 0 };
    await fc.assert(
      fc.asyncProperty(scenarios(ordersMax), async (scenario) => {
        const make = () => graphOf(scenario);
        const fixture = await recorded(make());
        const report = await explore(make, fixture, { schedules: 3 * ordersMax });
        const differs = await someOrderDiffers(make, fixture, 20 * ordersMax);
        if (differs === undefined) return;
        seen.proved += isProvedByWatch(report) ? 1 : 0;
        seen.different += differs ? 1 : 0;
        expect(report.uncontrolled).toEqual([]);
        if (differs) {
          expect(isProvedByWatch(report)).toBe(false);
          expect(report.verdict).not.toBe('proved');
        } else expect(['proved', 'no difference', 'nothing to explore', 'not repeatable']).toContain(report.verdict);
      }),
      { seed, numRuns: isLong ? 1_000 : 25, endOnFailure: !isLong },
    );
    expect(seen.proved).toBeGreaterThan(isLong ? 100 : 2);
    expect(seen.different).toBeGreaterThan(isLong ? 100 : 2);
  });
});

/** One task writes between two answers; the other reads. */
const writerAndReader = (shared: string): Scenario => ({
  shared,
  steps: [
    [
      [{ kind: 'ask' }, { kind: 'write' }, { kind: 'ask' }],
      [{ kind: 'ask' }, { kind: 'read' }],
    ],
  ],
});

describe('a watch over tasks that share', () => {
  it.each(Object.keys(sharing))('%s proves nothing', async (shared) => {
    const make = () => graphOf(writerAndReader(shared));
    const fixture = await recorded(make());
    expect(await someOrderDiffers(make, fixture, 1_000)).toBe(true);
    expect(isProvedByWatch(await explore(make, fixture, { schedules: 1 }))).toBe(false);
  });
});

const { hiddenSlots, functionInsides } = RealmInspector.prototype;

function withoutSlots(isOverlooked: RegExp): void {
  vi.spyOn(RealmInspector.prototype, 'hiddenSlots').mockImplementation(function (this: RealmInspector, value) {
    return hiddenSlots.call(this, value).filter(({ name }) => !isOverlooked.test(name));
  });
}

function withoutScopes(isOverlooked: RegExp): void {
  vi.spyOn(RealmInspector.prototype, 'functionInsides').mockImplementation(function (this: RealmInspector, fn) {
    const { script, ...insides } = functionInsides.call(this, fn);
    if (script === undefined) return insides;
    const scopes = () => script.scopes().filter(({ description }) => !isOverlooked.test(description));
    return { ...insides, script: { ...script, scopes } };
  });
}

/** Each overlooks one kind of variable. */
const mutants: Readonly<Record<string, { readonly overlook: () => void; readonly shared: string }>> = {
  'private fields': { overlook: () => withoutSlots(/^#/), shared: 'a private field' },
  'the entries of maps': { overlook: () => withoutSlots(/^(?:key|value)$/), shared: 'a Map' },
  closures: { overlook: () => withoutScopes(/^Closure/), shared: 'a closure' },
  'what a bound function holds': { overlook: () => withoutSlots(/^\[\[Bound/), shared: 'a bound object' },
  'what lies behind a proxy': { overlook: () => withoutSlots(/^\[\[Target/), shared: 'what a proxy stands for' },
  'which object it is': {
    overlook: () => void vi.spyOn(Identities.prototype, 'of').mockReturnValue(0),
    shared: 'which object a variable holds',
  },
};

describe('a watch that overlooks', () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(Object.entries(mutants))('%s is caught', async (_name, { overlook, shared }) => {
    const make = () => graphOf(writerAndReader(shared));
    const fixture = await recorded(make());
    expect(await someOrderDiffers(make, fixture, 1_000)).toBe(true);
    overlook();
    expect(isProvedByWatch(await explore(make, fixture, { schedules: 1 }))).toBe(true);
  });
});
