// The nodes of a random script, written so that a crash matters: some effects happen once, some sleeps are long, some
// are questions to people, and times are read. Every call to the outside is counted.
import type { NodeMaker, Context } from '../scripted-graph.ts';
import { endOf, inOrder, perform } from '../scripted-graph.ts';
import type { EffectStep, GraphScript, NodeEnd, State } from '../reference/script.ts';

export interface ResumableContext extends Context {
  readonly key: string;
  now(name: string): number;
  ask(question: unknown, options: { readonly name: string }): Promise<unknown>;
  effect(
    name: string,
    request: unknown,
    perform: (request: { number: number; given: number }) => unknown,
    options?: { readonly once?: boolean },
  ): Promise<unknown>;
  onStop(cleanUp: (context: Pick<ResumableContext, 'effect' | 'sleep'>) => Promise<void>): void;
}

/** Where nodes ask people. */
export type Asks = 'nowhere' | 'top' | 'everywhere';

/** What was performed, under the names that `performedIn` gives to the effects in a journal. */
export type Performed = string[];

export function onceName(at: string, name: string, place: number): string {
  return `once ${at.replaceAll(/#\d+/g, '')} ${name} ${place}`;
}

export function callName(at: string, name: string, request: unknown, occurrence: number): string {
  return `${at} ${name} ${JSON.stringify(request)} ${occurrence}`;
}

/** The answer of a person: a function of the question alone. */
export function answerOf(question: unknown): unknown {
  return `yes to ${JSON.stringify(question)}`;
}

/** Effects of this name happen once per task. */
const onceEffect = 'store';

/** The effect of each function that cleans up. */
export const released = 'release';

/** `performedNow` is where the current run records what it performs; a node reads it when it starts. */
export function resumableNodes(asks: Asks, performedNow: () => Performed): NodeMaker {
  return (script, node) => async (state: State, base) => {
    const context = base as ResumableContext;
    const performed = performedNow();
    const at = `${context.key}#${context.attempt}`;
    const given = typeof context.input === 'number' ? context.input : state.total;
    const seen: string[] = [];
    const counts = new Map<string, number>();
    const place = (like: string): number => {
      const count = counts.get(like) ?? 0;
      counts.set(like, count + 1);
      return count;
    };
    const call = (step: EffectStep): Promise<unknown> => {
      const request = { number: step.request, given };
      const once = step.name === onceEffect;
      const name = once
        ? onceName(at, step.name, place(step.name))
        : callName(at, step.name, request, place(JSON.stringify([step.name, request])));
      const performOnce = async (asked: { number: number; given: number }): Promise<number> => {
        performed.push(name);
        return perform(step, asked);
      };
      return context.effect(step.name, request, performOnce, { once });
    };
    let registered = 0;
    const register = (): void => {
      const name = callName(`${at}!${registered}`, released, registered, 0);
      const request = registered;
      registered += 1;
      context.onStop(async ({ effect, sleep }) => {
        await sleep(request);
        await effect(released, request, () => void performed.push(name));
      });
    };
    register();
    const canAsk = asks === 'everywhere' || (asks === 'top' && !context.key.includes('/'));
    for (const step of node.steps) {
      if (step.kind === 'emit') context.emit(step.name, given, { stream: step.stream });
      else if (step.kind === 'sleep' && step.delayMs === 3 && canAsk)
        seen.push(String(await context.ask({ given }, { name: 'sure' })));
      // Long enough to be journaled when it begins.
      else if (step.kind === 'sleep') await context.sleep(step.delayMs === 2 ? 2_000 : step.delayMs);
      else if (step.kind === 'draw') seen.push(`${context.random(step.name).toFixed(6)} at ${context.now(step.name)}`);
      else if (step.kind === 'effect') seen.push(String(await call(step)));
      else seen.push(...(await inOrder(step.effects.map(call))));
      if (step === node.steps[0]) register();
    }
    return endOf(script, node, { attempt: context.attempt, state, seen, given });
  };
}

/** The same script without anything that fails by itself. */
export function withoutFailures(script: GraphScript): GraphScript {
  const calm = (end: NodeEnd): NodeEnd =>
    end.kind === 'return' && (end.route.kind === 'empty' || end.route.kind === 'unknown')
      ? { ...end, route: { kind: 'none' } }
      : end;
  return {
    ...script,
    nodes: script.nodes.map((node) => {
      const { subgraph, timeoutMs: _timeoutMs, ...rest } = node;
      const returns = node.ends.filter((end) => end.kind === 'return').map(calm);
      return {
        ...rest,
        steps: node.steps.map((step) =>
          step.kind === 'effect'
            ? { ...step, fails: false }
            : step.kind === 'parallel'
              ? { ...step, effects: step.effects.map((effect) => ({ ...effect, fails: false })) }
              : step,
        ),
        ends: returns.length > 0 ? returns : [{ kind: 'return', writes: ['total'], route: { kind: 'none' } }],
        ...(subgraph === undefined ? {} : { subgraph: withoutFailures(subgraph) }),
      };
    }),
  };
}
