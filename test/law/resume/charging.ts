// Graphs whose every effect is one that must not happen twice, and an outside that knows what it has served.
import fc from 'fast-check';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { BeginEntry, EffectEntry, Entry } from '../../../src/journal/entry.ts';
import type { Clock } from '../../../src/port/clock.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { testEngine } from '../../support/test-engine.ts';
import { maxSteps } from '../journals.ts';
import type { EffectStep, GraphScript, State } from '../reference/script.ts';
import { answerTo } from '../reference/script.ts';
import { endOf, inOrder } from '../scripted-graph.ts';
import type { NodeMaker } from '../scripted-graph.ts';
import { ShuffledWorld } from '../world.ts';

export type Policy = 'fail' | 'once and fail';

/** One call of the outside. */
interface Call {
  /** Of the effect within its attempt. */
  readonly id: string;
  /** Of the effect over all attempts of its task. */
  readonly what: string;
  readonly key: string;
  /** It stands in an inner run, which may be voided with what succeeded in it. */
  readonly isVoidable: boolean;
}

/** What the outside knows of calls: which keys it has served, and what was done or may have been. */
export class Outside {
  readonly calls: Call[] = [];
  readonly #keys = new Set<string>();
  readonly #done = new Set<string>();
  /** Keys that were served twice, and what was performed again after it was done. */
  readonly faults: string[] = [];

  serve(call: Call): void {
    if (this.#keys.has(call.key)) this.faults.push(`key of ${call.id}`);
    if (this.#done.has(call.what)) this.faults.push(call.id);
    this.calls.push(call);
    this.#keys.add(call.key);
  }

  ended({ what, key, isVoidable }: Call, how: 'done' | 'refused' | 'nobody knows'): void {
    if (how === 'refused') return;
    if (how === 'nobody knows' || !isVoidable) this.#done.add(what);
    else this.#keys.delete(key);
  }

  /** What a life that ends after these entries has left behind: all that had begun may have been served. */
  after(entries: readonly Entry[]): Outside {
    const left = new Outside();
    const outcomes = new Map<string, string>();
    for (const entry of entries) if (entry.kind === 'effect') outcomes.set(idOf(entry), entry.outcome.kind);
    const begun = new Set(entries.flatMap((entry) => (entry.kind === 'begin' ? [idOf(entry)] : [])));
    for (const call of this.calls) {
      if (!begun.has(call.id)) continue;
      const outcome = outcomes.get(call.id);
      left.serve(call);
      left.ended(call, outcome === undefined ? 'nobody knows' : outcome === 'value' ? 'done' : 'refused');
    }
    return left;
  }
}

function idOf({ at, name, request, occurrence }: BeginEntry | EffectEntry): string {
  const { given, number } = request as { readonly given: number; readonly number: number };
  return `${at} ${name} ${given} ${number} ${occurrence}`;
}

interface ChargingContext {
  readonly key: string;
  readonly attempt: number;
  readonly input: unknown;
  sleep(delayMs: number): Promise<void>;
  effect(
    name: string,
    request: unknown,
    perform: (request: never, context: { readonly idempotencyKey: string }) => unknown,
    options: object,
  ): Promise<unknown>;
}

/**
 * Every effect is one that must not happen twice. Each `hangs`th one, up to `hangsMax` of them, is served, and its answer
 * never comes.
 */
export function charging(outside: () => Outside, policy: Policy, hangs: number, hangsMax = Infinity): NodeMaker {
  let count = 0;
  const options = { once: policy !== 'fail', onDoubt: 'fail' };
  return (script, node) => async (state: State, base) => {
    const context = base as unknown as ChargingContext;
    const given = typeof context.input === 'number' ? context.input : state.total;
    const seen: string[] = [];
    const counts = new Map<string, number>();
    const next = (like: string): number => {
      const place = counts.get(like) ?? 0;
      counts.set(like, place + 1);
      return place;
    };
    const task = context.key.replaceAll(/#\d+/g, '');
    const charge = ({ name, request: number, fails }: EffectStep): Promise<unknown> => {
      const asked = `${name} ${given} ${number}`;
      const occurrence = next(asked);
      const once = `${name} ${next(name)}`;
      const what = policy === 'fail' ? `${task} ${asked} ${occurrence}` : `${task} ${once}`;
      const perform = async (_asked: never, { idempotencyKey: key }: { readonly idempotencyKey: string }) => {
        const here = outside();
        const id = `${context.key}#${context.attempt} ${asked} ${occurrence}`;
        const call: Call = { id, what, key, isVoidable: policy === 'fail' && task.includes('/') };
        here.serve(call);
        count += 1;
        const isHanging = count % hangs === 0 && count / hangs <= hangsMax;
        here.ended(call, isHanging ? 'nobody knows' : fails ? 'refused' : 'done');
        if (isHanging) return new Promise<number>(() => undefined);
        if (fails) throw new Error(`refused ${number}`);
        return answerTo({ given, number });
      };
      return context.effect(name, { given, number }, perform, options);
    };
    for (const step of node.steps) {
      if (step.kind === 'sleep') await context.sleep(step.delayMs);
      else if (step.kind === 'effect') seen.push(String(await charge(step)));
      else if (step.kind === 'parallel') seen.push(...(await inOrder(step.effects.map(charge))));
    }
    return endOf(script, node, { attempt: context.attempt, state, seen, given });
  };
}

/** Every node has a time limit, so that an answer that does not come times it out, and further attempts. */
export function limited(script: GraphScript): GraphScript {
  return {
    ...script,
    nodes: script.nodes.map(({ subgraph, ...node }) => ({
      ...node,
      attempts: 3,
      ...(subgraph === undefined ? { timeoutMs: 60_000 } : { subgraph: limited(subgraph) }),
    })),
  };
}

interface Life {
  readonly graph: AnyGraph;
  readonly store: RunStore;
  readonly schedule: string;
}

export async function live(
  { graph, store, schedule }: Life,
  drive: (engine: RunHost) => Promise<AnyRun>,
): Promise<AnyRun> {
  const world = new ShuffledWorld(schedule);
  const clock: Clock = {
    now: () => world.now(),
    setTimer: (delayMs, fire) => world.setTimer(delayMs, fire),
  };
  const engine = testEngine(graph, { store, clock, oracle: world, id: () => schedule }, { maxSteps, graceMs: 0 });
  const run = await drive(engine);
  await engine.close();
  return run;
}

/** Which effects hang: each one of so many. */
export const hanging = fc.integer({ min: 2, max: 9 });
/** What the order of completions is drawn from. */
export const schedule = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
