// Charges that are under way when their process dies: whatever surrounds them, none is made twice unless somebody says so, and
// then under its own key.
import { append, fields, graph, input } from 'reprise';
import type { AnyGraph, EffectOptions, NodeContext, ResumeOptions } from 'reprise';
import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import { divergencesOf, doubtsIn, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

/** Serves charges, and says how often each was made, by its key. */
class Gateway {
  readonly served = new Map<string, string[]>();
  isSilent = true;

  charge(name: string, key: string): Promise<string> {
    this.served.set(name, [...(this.served.get(name) ?? []), key]);
    return this.isSilent ? new Promise(() => undefined) : Promise.resolve(`paid ${name}`);
  }

  /** How often each was made, if each had one key. */
  get counts(): Readonly<Record<string, number>> {
    for (const keys of this.served.values()) expect(new Set(keys).size).toBe(1);
    return Object.fromEntries([...this.served].map(([name, keys]) => [name, keys.length]));
  }
}

type Charge = (name: string) => Promise<string>;
type Code = (charge: Charge, attempt: number) => Promise<readonly string[]>;

interface Surrounding {
  readonly what: string;
  readonly charges: readonly string[];
  readonly build: (pay: (context: NodeContext<never, never>) => Promise<{ readonly log: string[] }>) => AnyGraph;
  readonly code: Code;
}

type Pay = Parameters<Surrounding['build']>[0];

function plain(pay: Pay, policy: object = {}): AnyGraph {
  return graph('plain', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, context) => ({ delta: await pay(context as never) }), policy)
    .start('pay')
    .build();
}

function nested(pay: Pay): AnyGraph {
  return graph('nested', { state: fields({ log: append<string>() }) })
    .subgraph('buy', plain(pay) as never, {
      input: () => ({}) as never,
      output: ({ log }: { readonly log: string[] }) => ({ log }),
    })
    .start('buy')
    .build();
}

/** Two tasks beside each other, each with a charge of its own. */
function beside(pay: Pay): AnyGraph {
  return graph('beside', { state: fields({ log: append<string>() }), inputs: { pay: input<string>() } })
    .node('split', (_state, { send }) => ({ route: ['a', 'b'].map((name) => send('pay', name)) }))
    .node('pay', async (_state, context) => ({ delta: await pay(context as never) }))
    .start('split')
    .build();
}

const one: Code = async (charge) => [await charge('a')];
const both: Code = (charge) => Promise.all([charge('a'), charge('b')]);
const ofInput: Code = async (charge) => [await charge('')];

const surroundings: readonly Surrounding[] = [
  { what: 'a node', charges: ['a'], build: plain, code: one },
  { what: 'two at once', charges: ['a', 'b'], build: plain, code: both },
  { what: 'a subgraph', charges: ['a'], build: nested, code: one },
  { what: 'two in a subgraph', charges: ['a', 'b'], build: nested, code: both },
  { what: 'tasks beside each other', charges: ['a', 'b'], build: beside, code: ofInput },
  {
    what: 'a node with further attempts',
    charges: ['a'],
    build: (pay) => plain(pay, { retry: { attempts: 3, delayMs: 1 } }),
    code: one,
  },
  {
    what: 'a further attempt',
    charges: ['a'],
    build: (pay) => plain(pay, { retry: { attempts: 3, delayMs: 1 } }),
    code: async (charge, attempt) => {
      if (attempt === 1) throw new Error('no quote');
      return [await charge('a')];
    },
  },
];

const policies: readonly EffectOptions[] = [
  { onDoubt: 'fail' },
  { onDoubt: 'ask' },
  { once: true, onDoubt: 'fail' },
  { once: true, onDoubt: 'ask' },
  { once: true },
];

function built({ build, code }: Surrounding, gateway: Gateway, options: EffectOptions, prefix = 'charge'): AnyGraph {
  return build(async (context) => {
    const of = (context as { readonly input?: unknown }).input;
    const suffix = typeof of === 'string' ? of : '';
    const charge: Charge = (name) =>
      context.effect(
        `${prefix} ${name}${suffix}`,
        { euro: 44 },
        (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) =>
          gateway.charge(`${name}${suffix}`, idempotencyKey),
        options,
      ) as Promise<string>;
    return { log: [...(await code(charge, context.attempt))] };
  });
}

type How = 'begin' | ResumeOptions;

/** Drives a run until all rests, and kills its process there. */
async function killed(place: Place, graphOf: AnyGraph, how: How = 'begin'): Promise<void> {
  const clock = new ManualClock();
  const engine = testEngine(graphOf, { store: place(), clock });
  const run = how === 'begin' ? engine.run({}, { runId, seed: 'seed' }) : engine.resume(runId, how);
  for (let turn = 0; turn < 5; turn += 1) await clock.advance(1);
  await settled();
  await engine.close();
  await run;
}

async function resumed(place: Place, graphOf: AnyGraph, how: ResumeOptions = {}): Promise<AnyRun | string> {
  const clock = new ManualClock();
  const engine = testEngine(graphOf, { store: place(), clock });
  const run = engine.resume(runId, how).catch(({ code }: { readonly code: string }) => code);
  try {
    return await clock.until(run);
  } finally {
    await engine.close();
  }
}

describe.each(places)('on $name', ({ make }) => {
  describe.each(surroundings)('$what', (around) => {
    const logged = around.charges.map((name) => `paid ${name}`);
    const times = (count: number): object => Object.fromEntries(around.charges.map((name) => [name, count]));

    it('is asked about again after a crash behind an answer', async () => {
      const place = make();
      const gateway = new Gateway();
      const code = built(around, gateway, { onDoubt: 'ask' });
      await killed(place, code);
      for (let round = 1; round <= 2; round += 1) {
        const run = await resumed(place, code);
        expect(run).toMatchObject({ status: 'paused' });
        const { questions } = run as Extract<AnyRun, { readonly status: 'paused' }>;
        expect(questions).toHaveLength(around.charges.length);
        const answers = Object.fromEntries(questions.map(({ key }) => [key, 'retry']));
        await killed(place, code, { answers });
        expect(gateway.counts).toEqual(times(1 + round));
      }
      gateway.isSilent = false;
      expect(await resumed(place, code)).toMatchObject({ status: 'paused' });
      expect(gateway.counts).toEqual(times(3));
    });

    describe.each(policies)('with %j', (options) => {
      async function underWay() {
        const place = make();
        const gateway = new Gateway();
        const code = built(around, gateway, options);
        await killed(place, code);
        expect(gateway.counts).toEqual(times(1));
        gateway.isSilent = false;
        return { place, gateway, code };
      }

      it('is made again only as its policy or somebody says', async () => {
        const { place, gateway, code } = await underWay();
        const { onDoubt = 'retry' } = options;
        for (let round = 0; round < 2; round += 1) {
          const run = await resumed(place, code);
          const status = { retry: 'done', fail: 'failed', ask: 'paused' }[onDoubt];
          expect(run).toMatchObject({ status });
          expect(gateway.counts).toEqual(times(onDoubt === 'retry' ? 2 : 1));
          if (onDoubt === 'retry') break;
        }
        if (onDoubt !== 'retry') {
          const doubts = await doubtsIn(place);
          expect(doubts).toHaveLength(around.charges.length);
          const decide = Object.fromEntries(doubts.map((address) => [address, 'retry' as const]));
          expect(await resumed(place, code, { decide })).toMatchObject({ status: 'done', state: { log: logged } });
          expect(gateway.counts).toEqual(times(2));
        }
        expect(await divergencesOf(place, code)).toEqual([]);
      });

      it('is not made by another version, and by a second crash behind a decision only once more', async () => {
        const { place, gateway, code } = await underWay();
        expect(await resumed(place, built(around, gateway, options, 'pay'))).toBe('resume-diverged');
        expect(gateway.counts).toEqual(times(1));
        gateway.isSilent = true;
        const doubts = await doubtsIn(place);
        const decide = Object.fromEntries(doubts.map((address) => [address, 'retry' as const]));
        await killed(place, code, { decide });
        expect(gateway.counts).toEqual(times(2));
        gateway.isSilent = false;
        const { onDoubt = 'retry' } = options;
        const run = await resumed(place, code);
        expect(run).toMatchObject({ status: { retry: 'done', fail: 'failed', ask: 'paused' }[onDoubt] });
        expect(gateway.counts).toEqual(times(onDoubt === 'retry' ? 3 : 2));
        if (onDoubt === 'retry') return;
        const by = Object.fromEntries(
          (await doubtsIn(place)).map((address) => [address, { value: `paid ${/charge (\w)/.exec(address)?.[1]}` }]),
        );
        expect(await resumed(place, code, { decide: by })).toMatchObject({ status: 'done', state: { log: logged } });
        expect(gateway.counts).toEqual(times(2));
        expect(await divergencesOf(place, code)).toEqual([]);
      });
    });
  });
});
