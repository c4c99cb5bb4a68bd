// The reference: docs/reference/semantics.md as a sequential program. It runs one task after another, has no notion of
// time, and shares no code with the engine except values, draws and digests.
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { digestOf } from '../../../src/base/digest.ts';
import { drawStream } from '../../../src/base/draw.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { answerTo, deltaOf, foldOrder, initial, routesOf } from './script.ts';
import type { Delta, EffectStep, GraphScript, NodeEnd, NodeScript, Routes, State } from './script.ts';

export interface TaskSpec {
  readonly node: string;
  readonly input?: unknown;
}
/** An entry in the form the laws compare: plain data, in canonical order. */
export type PlainEntry = { readonly kind: string; readonly at: string } & Readonly<Record<string, unknown>>;

interface Failed {
  readonly error: unknown;
  readonly task?: string;
}
type Arrivals = Map<number, Map<string, number>>;
/** What the attempts of a task got until now: what succeeded answers further attempts. */
type Kept = Map<string, unknown>;
interface Doing {
  readonly at: string;
  readonly given: number;
  readonly kept: Kept;
  /** How many equal effects the attempt has asked for. */
  readonly counts: Map<string, number>;
  readonly effects: PlainEntry[];
  readonly events: PlainEntry[];
  readonly seen: string[];
}
interface Ended {
  readonly rank: number;
  readonly node: string;
  readonly delta?: Delta;
  readonly routes?: Routes;
  readonly failure?: { readonly handler: string; readonly input: unknown };
}

export class Reference {
  readonly entries: PlainEntry[] = [];
  readonly #seed: string;
  readonly #maxSteps: number;

  constructor(seed: string, maxSteps: number) {
    this.#seed = seed;
    this.#maxSteps = maxSteps;
  }

  run(graph: GraphScript): void {
    let end: object;
    try {
      const { failed } = this.#scope(graph, '', initial, 0);
      end = failed === undefined ? { status: 'done' } : { status: 'failed', ...failed };
    } catch (limit) {
      if (!(limit instanceof LimitReached)) throw limit;
      const cut = this.entries.findLastIndex((entry) => entry.kind === 'commit' && !entry.at.includes('/'));
      this.entries.length = cut + 1;
      end = { status: 'failed', error: coded('limit-reached', { limit: 'maxSteps', maxSteps: this.#maxSteps }) };
    }
    const step = this.entries.filter((entry) => entry.kind === 'commit' && !entry.at.includes('/')).length - 1;
    this.entries.push({ kind: 'end', at: '', step, end });
  }

  #scope(
    graph: GraphScript,
    scope: string,
    start: State,
    base: number,
  ): { state: State; failed?: Failed; count: number } {
    let state = start;
    let tasks: readonly TaskSpec[] = [{ node: graph.start }];
    const arrivals = new Map() as Arrivals;
    const key = (step: number): string => (scope === '' ? `${step}` : `${scope}/${step}`);
    this.entries.push({ kind: 'commit', at: key(0), input: {}, frontier: tasks, ...(scope === '' ? { state } : {}) });
    let count = base;
    for (let step = 1; ; step += 1) {
      let innerCount = 0;
      if (tasks.length === 0) return { state, count, ...noProgress(graph, arrivals) };
      if (count >= this.#maxSteps) throw new LimitReached();
      const done: Ended[] = [];
      for (const [rank, spec] of tasks.entries()) {
        const ended = this.#task(graph, `${key(step)}.${rank}`, spec, state, count, (steps) => {
          innerCount += steps;
        });
        if ('failed' in ended) return { state, count, failed: { error: ended.failed, task: `${key(step)}.${rank}` } };
        done.push({ rank, ...ended });
      }
      const merged = merge(state, done, key(step));
      if ('conflict' in merged) return { state, count, failed: { error: merged.conflict } };
      state = merged;
      tasks = plan(graph, state, done, arrivals);
      const joins = keptArrivals(arrivals);
      const kept = { ...(joins === undefined ? {} : { joins }), ...(scope === '' ? { state } : {}) };
      this.entries.push({ kind: 'commit', at: key(step), frontier: tasks, ...kept });
      count += 1 + innerCount;
    }
  }

  #task(
    graph: GraphScript,
    task: string,
    spec: TaskSpec,
    state: State,
    base: number,
    counted: (steps: number) => void,
  ): Omit<Ended, 'rank'> | { failed: unknown } {
    const node = graph.nodes.find((candidate) => candidate.name === spec.node) as NodeScript;
    const kept: Kept = new Map();
    for (let attempt = 1; ; attempt += 1) {
      const at = `${task}#${attempt}`;
      const result =
        node.subgraph === undefined
          ? this.#attempt(graph, node, { at, attempt, kept }, spec, state)
          : this.#inner(node.subgraph, at, base, counted);
      this.entries.push({ kind: 'outcome', at, node: node.name, result });
      if (result.status === 'done') {
        const { status: _status, ...came } = result;
        return { node: node.name, ...came };
      }
      if (attempt < node.attempts && !isFinal(result.error)) continue;
      if (node.onError === undefined) return { failed: result.error };
      const { name, message, code = name } = result.error as { name: string; message: string; code?: string };
      return {
        node: node.name,
        failure: { handler: node.onError, input: { attempts: attempt, code, message, node: node.name } },
      };
    }
  }

  #inner(graph: GraphScript, at: string, base: number, counted: (steps: number) => void): Result {
    const { state, failed, count } = this.#scope(graph, at, initial, base);
    counted(count - base);
    if (failed !== undefined) return { status: 'failed', error: failed.error };
    return { status: 'done', delta: { log: [`inner ${state.log.length}`], total: 1 } };
  }

  #attempt(
    graph: GraphScript,
    node: NodeScript,
    { at, attempt, kept }: { readonly at: string; readonly attempt: number; readonly kept: Kept },
    spec: TaskSpec,
    state: State,
  ): Result {
    const given = typeof spec.input === 'number' ? spec.input : state.total;
    const doing: Doing = { at, given, kept, counts: new Map(), effects: [], events: [], seen: [] };
    const failure = this.#doSteps(node, doing);
    const end = node.ends[Math.min(attempt, node.ends.length) - 1] as NodeEnd;
    this.entries.push(...sortEffects(doing.effects), ...doing.events.sort(byStream));
    if (failure !== undefined) return { status: 'failed', error: failure };
    if (end.kind === 'throw') return { status: 'failed', error: { name: 'Error', message: end.message } };
    if (end.kind === 'hang')
      return { status: 'timeout', error: coded('node-timeout', { node: node.name, timeoutMs: node.timeoutMs }) };
    return returned(graph, node, end, doing, state);
  }

  /** Performs the steps of a script, and returns the error that stopped it. */
  #doSteps(node: NodeScript, doing: Doing): unknown {
    const { at, given, events, seen } = doing;
    const draws = new Map<string, () => number>();
    const perform = (step: EffectStep): { value: number } | { error: unknown } => {
      const request = { given, number: step.request };
      const outcome = ask(doing, { type: 'call', name: step.name, request }, () =>
        step.fails
          ? { kind: 'error', error: { name: 'Error', message: `refused ${step.request}` } }
          : { kind: 'value', value: answerTo(request) },
      );
      return outcome.kind === 'value' ? { value: outcome.value as number } : { error: outcome.error };
    };
    for (const step of node.steps) {
      if (step.kind === 'emit') {
        const ordinal = events.filter((entry) => entry.stream === step.stream).length;
        events.push({ kind: 'event', at, name: step.name, stream: step.stream, ordinal, data: given });
      } else if (step.kind === 'sleep') {
        ask(doing, { type: 'sleep', name: '', request: step.delayMs }, () => ({ kind: 'value', value: undefined }));
      } else if (step.kind === 'draw') {
        const stream = draws.get(step.name) ?? drawStream(this.#seed, `${at}:random:${step.name}`).next;
        draws.set(step.name, stream);
        seen.push(stream().toFixed(6));
      } else {
        const outcomes = (step.kind === 'parallel' ? step.effects : [step]).map(perform);
        const failed = outcomes.find((outcome) => 'error' in outcome);
        if (failed !== undefined) return (failed as { error: unknown }).error;
        seen.push(...outcomes.map((outcome) => String((outcome as { value: number }).value)));
      }
    }
    return undefined;
  }
}

class LimitReached extends Error {}
type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** Asks for an effect: what succeeded in an earlier attempt of the task answers as it did, and adds no entry. */
function ask(
  { at, kept, counts, effects }: Doing,
  asked: { readonly type: string; readonly name: string; readonly request: unknown },
  perform: () => Outcome,
): Outcome {
  const like = JSON.stringify([asked.type, asked.name, asked.request]);
  const occurrence = counts.get(like) ?? 0;
  counts.set(like, occurrence + 1);
  const own = `${like} ${occurrence}`;
  if (kept.has(own)) return { kind: 'value', value: kept.get(own) };
  const outcome = perform();
  effects.push({ kind: 'effect', at, ...asked, occurrence, outcome });
  if (outcome.kind === 'value') kept.set(own, outcome.value);
  return outcome;
}

type Result =
  | { readonly status: 'done'; readonly delta?: Delta; readonly routes?: Routes }
  | { readonly status: 'failed' | 'timeout'; readonly error: unknown };
function returned(
  graph: GraphScript,
  node: NodeScript,
  end: NodeEnd & { kind: 'return' },
  { seen, given }: Doing,
  state: State,
): Result {
  const delta = end.writes.length === 0 ? undefined : deltaOf(node.name, end.writes, seen, given);
  const routes = routesOf(graph, end.route, state, given);
  if (routes === 'empty') return { status: 'failed', error: coded('empty-route', { node: node.name }) };
  if (routes === 'unknown') return { status: 'failed', error: coded('route-invalid', { node: node.name }) };
  return { status: 'done', ...(delta === undefined ? {} : { delta }), ...(routes === undefined ? {} : { routes }) };
}

function merge(state: State, done: readonly Ended[], step: string): State | { conflict: unknown } {
  const writes = done
    .filter((ended) => ended.delta !== undefined)
    .map((ended) => ({ ...(ended.delta as Delta), task: `${step}.${ended.rank}`, node: ended.node }));
  const latest = writes.filter((write) => write.latest !== undefined);
  const [first, second] = latest;
  if (first !== undefined && second !== undefined) {
    const [nodes, tasks, values] = (['node', 'task', 'latest'] as const).map((key) => [first[key], second[key]]);
    return { conflict: coded('conflict', { field: 'latest', nodes, tasks, values }) };
  }
  return {
    log: [...state.log, ...writes.flatMap((write) => write.log ?? [])],
    total: writes.reduce((sum, write) => sum + (write.total ?? 0), state.total),
    latest: latest[0]?.latest ?? state.latest,
    order: writes.reduce((order, write) => (write.order ? foldOrder(order, write.order) : order), state.order),
  };
}

function plan(graph: GraphScript, state: State, done: readonly Ended[], arrivals: Arrivals): readonly TaskSpec[] {
  const arriving = done.filter((ended) => ended.routes === undefined && ended.failure === undefined);
  const arrived = new Set(arriving.map((ended) => ended.node));
  const joins = graph.edges.filter((edge) => edge.kind === 'join');
  const fires = new Set<number>();
  for (const [index, { from }] of joins.entries()) {
    const counts = arrivals.get(index) ?? new Map<string, number>();
    arrivals.set(index, counts);
    for (const source of from) if (arrived.has(source)) counts.set(source, (counts.get(source) ?? 0) + 1);
    if (!from.every((source) => (counts.get(source) ?? 0) > 0)) continue;
    fires.add(index);
    for (const source of from) counts.set(source, (counts.get(source) as number) - 1);
  }
  const tasks: TaskSpec[] = [];
  const joined = new Set<string>();
  const reach = (node: string): void => {
    if (!joined.has(node)) tasks.push({ node });
    joined.add(node);
  };
  for (const ended of done) {
    if (ended.failure !== undefined) tasks.push({ node: ended.failure.handler, input: ended.failure.input });
    else if (ended.routes !== undefined) {
      for (const route of ended.routes) {
        if (route.kind === 'goto') reach(route.node);
        if (route.kind === 'send') tasks.push({ node: route.node, input: route.input });
      }
    } else {
      for (const edge of graph.edges) {
        if (edge.kind === 'join') {
          if (edge.from.includes(ended.node) && fires.has(joins.indexOf(edge))) reach(edge.to);
        } else if (edge.from === ended.node && (edge.below === undefined || state.total < edge.below)) reach(edge.to);
      }
    }
  }
  return tasks;
}

function keptArrivals(arrivals: Arrivals): object | undefined {
  const some = [...arrivals].flatMap(([join, counts]) => {
    const left = [...counts].filter(([, count]) => count > 0);
    return left.length === 0 ? [] : [[join, Object.fromEntries(left)] as const];
  });
  return some.length === 0 ? undefined : Object.fromEntries(some);
}

function noProgress(graph: GraphScript, arrivals: Arrivals): { failed?: Failed } {
  const joins = graph.edges.filter((edge) => edge.kind === 'join');
  const waiting = joins.flatMap(({ from, to }, index) => {
    const counts = arrivals.get(index);
    const missing = from.filter((source) => (counts?.get(source) ?? 0) === 0);
    return missing.length === 0 || missing.length === from.length ? [] : [{ join: to, missing }];
  });
  return waiting.length === 0 ? {} : { failed: { error: coded('no-progress', { waiting }) } };
}
function coded(code: string, fields: object): object {
  return { name: 'RepriseError', code, fields, message: '' };
}
function isFinal(error: unknown): boolean {
  return ['empty-route', 'route-invalid'].includes(String((error as { code?: unknown }).code));
}

/** By type, name, request digest and occurrence; never by call order. */
function sortEffects(effects: PlainEntry[]): PlainEntry[] {
  const textOf = (value: unknown): string => digestOf(canonicalTextOf(canonicalValue(value, '')));
  const keyOf = ({ type, name, request, occurrence }: PlainEntry): string =>
    `${type}\u0000${name}\u0000${textOf(request)}\u0000${String(occurrence).padStart(6, '0')}`;
  return effects.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}
function byStream(left: PlainEntry, right: PlainEntry): number {
  if (left.stream === right.stream) return Number(left.ordinal) - Number(right.ordinal);
  return String(left.stream) < String(right.stream) ? -1 : 1;
}
