// The nodes of a random script, written so that a crash matters: some effects happen once, some sleeps are long, times
// are read, and each attempt has something to clean up. Every call to the outside is counted.
import type { NodeMaker, Context } from '../scripted-graph.ts';
import { atOnce, endOf, inOrder, perform, register, wait } from '../scripted-graph.ts';
import { released } from '../reference/script.ts';
import type { CleanUpStep, EffectStep, State } from '../reference/script.ts';

export interface ResumableContext extends Context {
  now(name: string): number;
  effect(
    name: string,
    request: unknown,
    perform: (request: { number: number; given: number }) => unknown,
    options?: { readonly once?: boolean },
  ): Promise<unknown>;
}

/** What was performed, under the names that `performedIn` gives to the effects in a journal. */
export type Performed = string[];

export function onceName(at: string, name: string, place: number): string {
  return `once ${at.replaceAll(/#\d+/g, '')} ${name} ${place}`;
}

export function callName(at: string, name: string, request: unknown, occurrence: number): string {
  return `${at} ${name} ${JSON.stringify(request)} ${occurrence}`;
}

/** Effects of this name happen once per task. */
const onceEffect = 'store';

/** `performedNow` is where the current run records what it performs; a node reads it when it starts. */
export function resumableNodes(performedNow: () => Performed): NodeMaker {
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
    const cleanUp = (step: CleanUpStep): void => {
      const name = callName(`${at}!${registered}`, released, registered, 0);
      register(context, step, registered, () => void performed.push(name));
      registered += 1;
    };
    // So that everything that is stopped cleans up.
    cleanUp({ kind: 'onStop', undoes: [] });
    for (const step of node.steps) {
      if (step.kind === 'emit') context.emit(step.name, given, { stream: step.stream });
      // Long enough to be journaled when it begins.
      else if (step.kind === 'sleep') await context.sleep(step.delayMs === 2 ? 2_000 : step.delayMs);
      else if (step.kind === 'draw') seen.push(`${context.random(step.name).toFixed(6)} at ${context.now(step.name)}`);
      else if (step.kind === 'effect') seen.push(String(await call(step)));
      else if (step.kind === 'onStop') cleanUp(step);
      else if (step.kind === 'parallel') seen.push(...(await inOrder(atOnce(step, context, given, call))));
      else seen.push(String(await wait(step, context, given)));
    }
    return endOf(script, node, { attempt: context.attempt, state, seen, given });
  };
}
