// A script as a graph, with nodes written as a user would write them.
import { append, failure, fields, graph, input, reduce, sum, text } from '../../src/index.ts';
import type { AnyGraph, OnStopOptions } from '../../src/index.ts';
import { answerTo, deltaOf, foldOrder, released, routesOf, signalName } from './reference/script.ts';
import type {
  CleanUpStep,
  EffectStep,
  GraphScript,
  NodeEnd,
  NodeScript,
  ParallelStep,
  State,
  WaitStep,
} from './reference/script.ts';

export interface Context {
  readonly key: string;
  readonly input: unknown;
  readonly attempt: number;
  random(name: string): number;
  sleep(delayMs: number): Promise<void>;
  emit(name: string, data: unknown, options: { readonly stream: string }): void;
  ask(question: unknown, options: { readonly name: string }): Promise<unknown>;
  receive(name: string): Promise<unknown>;
  onStop(cleanUp: (context: Pick<Context, 'effect' | 'sleep'>) => Promise<void>, options?: OnStopOptions): void;
  effect(
    name: string,
    request: unknown,
    perform: (request: { number: number; given: number }) => unknown,
  ): Promise<unknown>;
}

type NodeFunction = (state: State, context: Context) => Promise<unknown>;
export type NodeMaker = (script: GraphScript, node: NodeScript) => NodeFunction;

/** The builder's types need names known in advance; here they come from a script. */
interface LooseBuilder {
  node(name: string, run: unknown, options?: object): LooseBuilder;
  subgraph(name: string, child: AnyGraph, map: object, options?: object): LooseBuilder;
  edge(from: string, to: string, options?: object): LooseBuilder;
  join(from: readonly string[], to: string): LooseBuilder;
  start(name: string): LooseBuilder;
  build(): AnyGraph;
}

/** `makeNode` builds a script's node in a different way, as the laws of resuming do. */
export function scriptedGraph(script: GraphScript, makeNode: NodeMaker = nodeFunction): AnyGraph {
  const handlers = new Set(script.nodes.flatMap((node) => node.onError ?? []));
  const inputs = Object.fromEntries(
    script.nodes
      .filter((node) => node.takesInput || handlers.has(node.name))
      .map((node) => [node.name, handlers.has(node.name) ? failure() : input<number>()]),
  );
  const state = fields({ log: append<string>(), total: sum(), latest: text(), order: reduce<string>(foldOrder, '') });
  let builder = graph(script.name, { state, inputs }) as unknown as LooseBuilder;
  for (const node of script.nodes) {
    const options = {
      ...(node.attempts > 1 ? { retry: { attempts: node.attempts, delayMs: 1 } } : {}),
      ...(node.timeoutMs === undefined ? {} : { timeoutMs: node.timeoutMs }),
      ...(node.onError === undefined ? {} : { onError: node.onError }),
      ...(node.emptyRoute === undefined ? {} : { emptyRoute: node.emptyRoute }),
    };
    builder =
      node.subgraph === undefined
        ? builder.node(node.name, makeNode(script, node), options)
        : builder.subgraph(
            node.name,
            scriptedGraph(node.subgraph, makeNode),
            { input: () => ({}), output: (inner: State) => ({ log: [`inner ${inner.log.length}`], total: 1 }) },
            options,
          );
  }
  for (const edge of script.edges) {
    if (edge.kind === 'join') builder = builder.join(edge.from, edge.to);
    else
      builder = builder.edge(
        edge.from,
        edge.to,
        edge.below === undefined ? {} : { when: (current: State) => current.total < (edge.below as number) },
      );
  }
  return builder.start(script.start).build();
}

function nodeFunction(script: GraphScript, node: NodeScript): NodeFunction {
  return async (state: State, context: Context): Promise<unknown> => {
    const given = typeof context.input === 'number' ? context.input : state.total;
    const seen: string[] = [];
    const ask = (step: EffectStep): Promise<unknown> =>
      context.effect(step.name, { number: step.request, given }, async (request) => perform(step, request));
    let registered = 0;
    for (const step of node.steps) {
      if (step.kind === 'emit') context.emit(step.name, given, { stream: step.stream });
      else if (step.kind === 'sleep') await context.sleep(step.delayMs);
      else if (step.kind === 'draw') seen.push(context.random(step.name).toFixed(6));
      else if (step.kind === 'effect') seen.push(String(await ask(step)));
      else if (step.kind === 'onStop') register(context, step, registered++, () => undefined);
      else if (step.kind === 'parallel') seen.push(...(await inOrder(atOnce(step, context, given, ask))));
      else seen.push(String(await wait(step, context, given)));
    }
    return endOf(script, node, { attempt: context.attempt, state, seen, given });
  };
}

export function wait({ kind, name }: WaitStep, context: Context, given: number): Promise<unknown> {
  return kind === 'ask' ? context.ask({ given }, { name }) : context.receive(signalName(name, context.key));
}

/** Effects, and then waits, all of them at once. */
export function atOnce(
  { effects, waits = [] }: ParallelStep,
  context: Context,
  given: number,
  ask: (step: EffectStep) => Promise<unknown>,
): readonly Promise<unknown>[] {
  return [...effects.map(ask), ...waits.map((step) => wait(step, context, given))];
}

/** Registers the function with this number. */
export function register(context: Context, { undoes }: CleanUpStep, number: number, perform: () => void): void {
  context.onStop(
    async ({ effect, sleep }) => {
      await sleep(number);
      await effect(released, number as never, perform);
    },
    { undoes },
  );
}

interface Ending {
  readonly attempt: number;
  readonly state: State;
  /** What the attempt saw, for its delta. */
  readonly seen: readonly string[];
  readonly given: number;
}

/** How an attempt of a node ends: it throws, hangs, or returns a delta and routes. */
export function endOf(script: GraphScript, node: NodeScript, { attempt, state, seen, given }: Ending): unknown {
  const end = node.ends[Math.min(attempt, node.ends.length) - 1] as NodeEnd;
  if (end.kind === 'throw') throw new Error(end.message);
  if (end.kind === 'hang') return new Promise(() => undefined);
  const routes = routesOf(script, end.route, state, given);
  return {
    ...(end.writes.length === 0 ? {} : { delta: deltaOf(node.name, end.writes, seen, given) }),
    ...(routes === undefined
      ? {}
      : { route: routes === 'empty' ? [] : routes === 'unknown' ? { kind: 'goto', node: 'nowhere' } : routes }),
  };
}

export function perform(step: EffectStep, request: { number: number; given: number }): number {
  if (step.fails) throw new Error(`refused ${step.request}`);
  return answerTo(request);
}

/** Waits for all, and fails with the first failure in list order: `Promise.all` would fail with the first in time. */
export async function inOrder(asked: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(asked);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return String(one.value);
  });
}
