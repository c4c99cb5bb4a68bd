// No node can tell the error that it gets live from the one that it gets resumed or replayed.
import fc from 'fast-check';
import { fields, graph, last, memoryStore } from 'reprise';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/base/canonical-json.ts';
import { decodeValue, encodeValue } from '../../src/base/encode.ts';
import type { Json } from '../../src/base/encode.ts';
import { sameValue } from '../../src/base/equal.ts';
import { canonicalValue } from '../../src/base/value.ts';
import { semanticsVersion } from '../../src/journal/entry.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { decodeEntry, encodeEntry } from '../../src/journal/codec/entry-codec.ts';
import type { RunStore } from '../../src/port/store.ts';
import { fileOf, fixtureBytes } from '../support/fixture-file.ts';
import { collected } from '../support/journals.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { testEngine } from '../support/test-engine.ts';
import { errorOfPlan, errorPlans, viewOf } from '../support/thrown-errors.ts';
import type { ErrorPlan } from '../support/thrown-errors.ts';
import { runId, storeWith } from './resume/prefix-run.ts';

function catcher(plans: readonly ErrorPlan[]) {
  return graph('catcher', { state: fields({ seen: last<unknown>(null), again: last<unknown>(null) }) })
    .node('ask', async (_state, { effect }) => {
      const seen: unknown[] = [];
      for (const [place, plan] of plans.entries()) {
        const thrown = await effect('failing', place, () => Promise.reject(errorOfPlan(plan))).catch(
          (error: unknown) => error,
        );
        // As text: a view of an error holds what no journal does.
        seen.push(textOf(viewOf(thrown)));
        if (place === 0) await effect('asked', null, () => 1);
      }
      return { delta: { seen } };
    })
    .node('fail', async () => {
      throw errorOfPlan(plans[0] as ErrorPlan);
    })
    .edge('ask', 'fail')
    .start('ask')
    .build();
}

function textOf(view: unknown): string {
  return JSON.stringify(view, (_key, value: unknown) => (value === undefined ? '(undefined)' : value));
}

/** As another process reads them. */
function readBack(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))) as Json));
}

describe('an error of an effect', () => {
  it('is the same live, resumed and replayed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(errorPlans, { minLength: 1, maxLength: 3 }), fc.nat(), async (plans, cut) => {
        const failing = catcher(plans);
        const live = await runOf(failing, (engine) => engine.run({}, { runId }));
        expect(live.run.state).toMatchObject({ seen: plans.map(() => expect.any(String)) });
        const prefix = readBack(live.entries.slice(0, 2 + (cut % (live.entries.length - 3))));
        const store = await storeWith(prefix);
        const resumed = await runOf(failing, (engine) => engine.resume(runId), store);
        expect(resumed.run.state).toEqual(live.run.state);
        expect(viewOfFailure(resumed.run)).toEqual(viewOfFailure(live.run));

        const path = fileOf(await fixtureBytes(readBack(live.entries)));
        const replayed = await replay(failing, path);
        expect(replayed.report.divergences).toEqual([]);
        expect(replayed.run.state).toEqual(live.run.state);
        expect(viewOfFailure(replayed.run)).toEqual(viewOfFailure(live.run));
      }),
      { numRuns: 100 },
    );
  });
});

/** The frames of a run that failed again are those of this time, so only the error itself is compared. */
function viewOfFailure(run: { readonly status: string; readonly error?: Error }): unknown {
  return { status: run.status, cause: viewOf(run.error?.cause) };
}

async function runOf(
  failing: ReturnType<typeof catcher>,
  begin: (engine: ReturnType<typeof testEngine>) => Promise<unknown>,
  store: RunStore = memoryStore(),
  semantics = semanticsVersion,
) {
  const engine = testEngine(failing, { store, clock: new ManualClock(), recorded: { semantics } });
  const run = (await begin(engine)) as { status: string; state: unknown; error?: Error };
  const entries = await collected(store.read(runId));
  await engine.close();
  return { run, entries };
}

it('is a plain error under version 1, and replays as one', async () => {
  const base = { fields: { code: 'E' }, errors: [], message: 'no' };
  const plans: readonly ErrorPlan[] = [
    { ...base, made: 'TypeError' },
    { ...base, made: 'AggregateError', errors: [1] },
    { ...base, made: 'DOMException', name: 'AbortError', fields: {}, cause: { ...base, made: 'HttpError' } },
  ];
  const failing = catcher(plans);
  const live = await runOf(failing, (engine) => engine.run({}, { runId }), memoryStore(), 1);
  expect(live.run.state).toMatchObject({ seen: plans.map(() => expect.stringMatching(/"isOf":\[(?:false,?)+\]/)) });
  expect(JSON.stringify(live.entries.map(encodeEntry))).not.toMatch(/"class"|"errors"/);
  const replayed = await replay(failing, fileOf(await fixtureBytes(readBack(live.entries))));
  expect(replayed.report.divergences).toEqual([]);
  expect(replayed.run.state).toEqual(live.run.state);
});

describe('an error as a value', () => {
  it('is what its encoding says', () => {
    fc.assert(
      fc.property(errorPlans, (plan) => {
        const kept = canonicalValue(errorOfPlan(plan), 'error');
        const json = encodeValue(kept);
        const read = decodeValue(JSON.parse(JSON.stringify(json)) as Json);
        expect(textOf(viewOf(read))).toBe(textOf(viewOf(kept)));
        expect(sameValue(read, kept)).toBe(true);
        expect(canonicalText(encodeValue(read))).toBe(canonicalText(json));
      }),
      { numRuns: 500 },
    );
  });

  it('differs from one of another class, as its text does', () => {
    fc.assert(
      fc.property(errorPlans, errorPlans, (left, right) => {
        const [one, other] = [left, right].map((plan) => canonicalValue(errorOfPlan(plan), 'error'));
        const isSame = canonicalText(encodeValue(one)) === canonicalText(encodeValue(other));
        expect(sameValue(one, other)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });
});
