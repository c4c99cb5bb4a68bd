// What the nodes of a law's graph do, as data. The engine's node functions and the reference interpreter both read it.
export interface EffectStep {
  readonly kind: 'effect';
  readonly name: string;
  /** The request consists of this number and the node's input. */
  readonly request: number;
  /** How the outside answers: with a value derived from the request, or with an error. */
  readonly fails: boolean;
}
/** A question to people, or a wait for a signal that only this task waits for. */
export interface WaitStep {
  readonly kind: 'ask' | 'receive';
  readonly name: string;
}
export interface ParallelStep {
  readonly kind: 'parallel';
  readonly effects: readonly EffectStep[];
  readonly waits?: readonly WaitStep[];
}
/** Registers a function for the case that the attempt is stopped. */
export interface CleanUpStep {
  readonly kind: 'onStop';
  /** The names of effects that it takes back. */
  readonly undoes: readonly string[];
}
export interface EmitStep {
  readonly kind: 'emit';
  readonly name: string;
  readonly stream: string;
}
export interface DrawStep {
  readonly kind: 'draw';
  readonly name: string;
}
export interface SleepStep {
  readonly kind: 'sleep';
  readonly delayMs: number;
}
export type NodeStep = EffectStep | ParallelStep | WaitStep | CleanUpStep | EmitStep | DrawStep | SleepStep;

export type NodeEnd =
  | { readonly kind: 'throw'; readonly message: string }
  /** Waits for an answer that never comes, until its timeout. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'return'; readonly writes: readonly FieldName[]; readonly route: RouteScript };

export type FieldName = 'log' | 'total' | 'latest' | 'order';

export type RouteScript =
  | { readonly kind: 'none' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' }
  /** Targets by name; those that take an input are sent a number each. Only early in a run, so that it ends. */
  | { readonly kind: 'routes'; readonly targets: readonly string[] };

export interface NodeScript {
  readonly name: string;
  readonly takesInput: boolean;
  readonly steps: readonly NodeStep[];
  /** How each attempt ends; the last entry applies to all further attempts. */
  readonly ends: readonly NodeEnd[];
  readonly attempts: number;
  readonly timeoutMs?: number;
  readonly onError?: string;
  /** It continues by its edges where it returns an empty list of routes. */
  readonly emptyRoute?: 'edges';
  /** A subgraph node runs this instead of the script. */
  readonly subgraph?: GraphScript;
}

export interface EdgeScript {
  readonly kind: 'edge';
  readonly from: string;
  readonly to: string;
  /** Holds while `total` of the merged state is below this; always, if absent. */
  readonly below?: number;
}
export interface JoinScript {
  readonly kind: 'join';
  readonly from: readonly string[];
  readonly to: string;
}

export interface GraphScript {
  readonly name: string;
  readonly nodes: readonly NodeScript[];
  readonly edges: readonly (EdgeScript | JoinScript)[];
  readonly start: string;
}

/** The answer of the outside: a function of the request alone, at any time. */
export function answerTo(request: { readonly number: number; readonly given: number }): number {
  return (request.number * 7 + request.given * 3 + 1) % 101;
}

/** The answer of a person: a function of the question alone. */
export function answerOf(question: unknown): string {
  return `yes to ${JSON.stringify(question)}`;
}

export function signalName(name: string, task: string): string {
  return `${name} for ${task}`;
}

/** What the signal says that is the `count`th of its name. */
export function signalOf(name: string, count: number): string {
  return `${count}: ${name}`;
}

/** The effect of each function that cleans up; its request is the number of the function. */
export const released = 'release';

/** Beyond this total, nodes return no more routes, so that every run ends. */
export const totalMax = 40;

export interface State {
  readonly log: readonly string[];
  readonly total: number;
  readonly latest: string;
  readonly order: string;
}

export const initial: State = { log: [], total: 0, latest: '', order: '' };

export interface Delta {
  log?: readonly string[];
  total?: number;
  latest?: string;
  order?: string;
}
export type Routes = readonly (
  | { kind: 'goto'; node: string }
  | { kind: 'send'; node: string; input: unknown }
  | { kind: 'stop' }
)[];

/** What a script writes. The engine's node functions use it too, since it is what user code would compute. */
export function deltaOf(node: string, writes: readonly string[], seen: readonly string[], given: number): Delta {
  const delta: Delta = {};
  if (writes.includes('latest')) delta.latest = node;
  if (writes.includes('log')) delta.log = [`${node}(${given}): ${seen.join(' ')}`];
  if (writes.includes('order')) delta.order = node;
  if (writes.includes('total')) delta.total = 1;
  return delta;
}

export function routesOf(
  graph: GraphScript,
  route: RouteScript,
  state: State,
  given: number,
): Routes | 'empty' | 'unknown' | undefined {
  switch (route.kind) {
    case 'none':
      return undefined;
    case 'stop':
      return [{ kind: 'stop' }];
    case 'empty':
    case 'unknown':
      return route.kind;
    case 'routes':
      if (state.total >= totalMax) return [{ kind: 'stop' }];
      return route.targets.map((target, index) =>
        graph.nodes.some((node) => node.name === target && node.takesInput)
          ? { kind: 'send', node: target, input: given + index }
          : { kind: 'goto', node: target },
      );
  }
}

/** A user reducer whose result depends on the order. */
export function foldOrder(order: string, name: string): string {
  return `(${order}${name})`.slice(-40);
}
