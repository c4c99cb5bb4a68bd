// The reference: docs/reference/semantics.md as a sequential program. It runs one task after another, has no notion of
// time, and shares no code with the engine except values, draws and digests. People and other programs give what a run
// waits for when all of it waits: so each step goes in rounds, and a task yields where it waits.
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { digestOf } from '../../../src/base/digest.ts';
import { drawStream } from '../../../src/base/draw.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { answerOf, answerTo, deltaOf, foldOrder, initial, released, routesOf, signalName, signalOf } from './script.ts';
import type {
  CleanUpStep,
  Delta,
  EffectStep,
  GraphScript,
  JoinScript,
  NodeEnd,
  NodeScript,
  ParallelStep,
  Routes,
  State,
  WaitStep,
} from './script.ts';

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
/** What happens until it waits for people, and from there on. */
type Course<Result> = Generator<void, Result, void>;
/** What was written, in canonical order. An attempt that is under way has yet to be put in order. */
type Log = (PlainEntry | Doing | Log)[];
interface Doing {
  readonly at: string;
  /** What it has registered for the case that it is stopped. */
  readonly cleanUps: CleanUpStep[];
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
  readonly #log: Log = [];
  readonly #seed: string;
  readonly #maxSteps: number;

  constructor(seed: string, maxSteps: number) {
    this.#seed = seed;
    this.#maxSteps = maxSteps;
  }

  /**
   * `mend`: the graph with which the run is resumed once it is stuck at a join. Undefined if a run that is stuck there
   * cannot be resumed with it.
   */
  run(graph: GraphScript, mend?: GraphScript): readonly PlainEntry[] | undefined {
    let end: object;
    let entries: PlainEntry[];
    try {
      const { failed } = toItsEnd(this.#scope(graph, '', initial, 0, this.#log, mend));
      end = failed === undefined ? { status: 'done' } : { status: 'failed', ...failed };
      entries = [...inOrder(this.#log)];
    } catch (limit) {
      if (limit instanceof Lost) return undefined;
      if (!(limit instanceof LimitReached)) throw limit;
      entries = [...inOrder(this.#log)];
      const cut = entries.findLastIndex((entry) => entry.kind === 'commit' && !entry.at.includes('/'));
      entries.length = cut + 1;
      end = { status: 'failed', error: coded('limit-reached', { limit: 'maxSteps', maxSteps: this.#maxSteps }) };
    }
    const step = entries.filter((entry) => entry.kind === 'commit' && !entry.at.includes('/')).length - 1;
    return [...entries, { kind: 'end', at: '', step, end }];
  }

  *#scope(
    begun: GraphScript,
    scope: string,
    start: State,
    base: number,
    log: Log,
    mend?: GraphScript,
  ): Course<{ state: State; failed?: Failed; count: number }> {
    let graph = begun;
    let state = start;
    let tasks: readonly TaskSpec[] = [{ node: graph.start }];
    let arrivals = new Map() as Arrivals;
    const key = (step: number): string => (scope === '' ? `${step}` : `${scope}/${step}`);
    log.push({ kind: 'commit', at: key(0), input: {}, frontier: tasks, ...(scope === '' ? { state } : {}) });
    let count = base;
    for (let step = 1; ; step += 1) {
      let innerCount = 0;
      if (
        tasks.length === 0 &&
        mend !== undefined &&
        graph !== mend &&
        noProgress(graph, arrivals).failed !== undefined
      ) {
        const mended = mendedArrivals(graph, mend, arrivals);
        graph = mend;
        tasks = [...mended.nodes].map((node) => ({ node }));
        arrivals = mended.arrivals;
      }
      if (tasks.length === 0) return { state, count, ...noProgress(graph, arrivals) };
      if (count >= this.#maxSteps) throw new LimitReached();
      const before = { state, count };
      const running = tasks.map((spec, rank) => {
        const own: Log = [];
        const counted = (steps: number): void => {
          innerCount += steps;
        };
        return { own, rank, course: this.#task(graph, `${key(step)}.${rank}`, spec, before, own, counted) };
      });
      const done: Ended[] = [];
      for (let left = running; left.length > 0; ) {
        const waiting: typeof running = [];
        for (const task of left) {
          const { done: hasEnded, value } = task.course.next();
          if (hasEnded !== true) waiting.push(task);
          else if ('failed' in value) {
            // What waits is stopped; what did not get its turn in this round is of higher rank.
            for (const { own, rank } of running) if (rank <= task.rank) log.push(own);
            return { state, count, failed: { error: value.failed, task: `${key(step)}.${task.rank}` } };
          } else done.push({ rank: task.rank, ...value });
        }
        left = waiting;
        if (left.length > 0) yield;
      }
      for (const { own } of running) log.push(own);
      done.sort((left, right) => left.rank - right.rank);
      const merged = merge(state, done, key(step));
      if ('conflict' in merged) return { state, count, failed: { error: merged.conflict } };
      state = merged;
      tasks = plan(graph, state, done, arrivals);
      const joins = keptArrivals(arrivals);
      const kept = { ...(joins === undefined ? {} : { joins }), ...(scope === '' ? { state } : {}) };
      log.push({ kind: 'commit', at: key(step), frontier: tasks, ...kept });
      count += 1 + innerCount;
    }
  }

  *#task(
    graph: GraphScript,
    task: string,
    spec: TaskSpec,
    { state, count }: { readonly state: State; readonly count: number },
    log: Log,
    counted: (steps: number) => void,
  ): Course<Omit<Ended, 'rank'> | { failed: unknown }> {
    const node = graph.nodes.find((candidate) => candidate.name === spec.node) as NodeScript;
    const kept: Kept = new Map();
    for (let attempt = 1; ; attempt += 1) {
      const at = `${task}#${attempt}`;
      const result: Result =
        node.subgraph === undefined
          ? yield* this.#attempt(graph, node, { at, attempt, kept }, spec, state, log)
          : yield* this.#inner(node.subgraph, at, count, log, counted);
      log.push({ kind: 'outcome', at, node: node.name, result });
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

  *#inner(graph: GraphScript, at: string, base: number, log: Log, counted: (steps: number) => void): Course<Result> {
    const { state, failed, count } = yield* this.#scope(graph, at, initial, base, log);
    counted(count - base);
    if (failed !== undefined) return { status: 'failed', error: failed.error };
    return { status: 'done', delta: { log: [`inner ${state.log.length}`], total: 1 } };
  }

  *#attempt(
    graph: GraphScript,
    node: NodeScript,
    { at, attempt, kept }: { readonly at: string; readonly attempt: number; readonly kept: Kept },
    spec: TaskSpec,
    state: State,
    log: Log,
  ): Course<Result> {
    const given = typeof spec.input === 'number' ? spec.input : state.total;
    const doing: Doing = { at, given, kept, cleanUps: [], counts: new Map(), effects: [], events: [], seen: [] };
    log.push(doing);
    const failure = yield* this.#doSteps(node, doing);
    const end = node.ends[Math.min(attempt, node.ends.length) - 1] as NodeEnd;
    if (failure !== undefined) return { status: 'failed', error: failure };
    if (end.kind === 'throw') return { status: 'failed', error: { name: 'Error', message: end.message } };
    if (end.kind === 'hang') {
      log.push(...cleanedUp(doing));
      return { status: 'timeout', error: coded('node-timeout', { node: node.name, timeoutMs: node.timeoutMs }) };
    }
    return returned(graph, node, end, doing, state);
  }

  /** Performs the steps of a script, and returns the error that stopped it. */
  *#doSteps(node: NodeScript, doing: Doing): Course<unknown> {
    const { at, given, cleanUps, events, seen } = doing;
    const draws = new Map<string, () => number>();
    const perform = (step: EffectStep): Outcome => {
      const request = { given, number: step.request };
      return ask(doing, { type: 'call', name: step.name, request }, () =>
        step.fails
          ? { kind: 'error', error: { name: 'Error', message: `refused ${step.request}` } }
          : { kind: 'value', value: answerTo(request) },
      );
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
      } else if (step.kind === 'onStop') cleanUps.push(step);
      else {
        const { effects, waits } = partsOf(step);
        const asks = waits.map((one) => asWait(one, doing));
        const outcomes = effects.map(perform);
        const known = asks.map(({ asked }) => keptOf(doing, asked));
        if (known.includes(undefined)) yield;
        outcomes.push(...asks.map(({ asked, answer }, place) => known[place] ?? ask(doing, asked, answer)));
        const failed = outcomes.find((outcome) => outcome.kind === 'error');
        if (failed?.kind === 'error') return failed.error;
        seen.push(...outcomes.map((outcome) => String('value' in outcome && outcome.value)));
      }
    }
    return undefined;
  }
}

/** A join that a run waits at has no counterpart in the graph that it is resumed with. */
class Lost extends Error {}

class LimitReached extends Error {}
type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** What a step asks for at once. */
function partsOf(step: EffectStep | ParallelStep | WaitStep): {
  readonly effects: readonly EffectStep[];
  readonly waits: readonly WaitStep[];
} {
  if (step.kind === 'parallel') return { effects: step.effects, waits: step.waits ?? [] };
  return step.kind === 'effect' ? { effects: [step], waits: [] } : { effects: [], waits: [step] };
}

interface Asked {
  readonly type: string;
  readonly name: string;
  readonly request: unknown;
}

const likeOf = ({ type, name, request }: Asked): string => JSON.stringify([type, name, request]);

/** Asks for an effect: what succeeded in an earlier attempt of the task answers as it did, and adds no entry. */
function ask(doing: Doing, asked: Asked, perform: () => Outcome): Outcome {
  const known = keptOf(doing, asked);
  if (known !== undefined) return known;
  const { at, kept, counts, effects } = doing;
  const like = likeOf(asked);
  const occurrence = counts.get(like) ?? 0;
  counts.set(like, occurrence + 1);
  const outcome = perform();
  effects.push({ kind: 'effect', at, ...asked, occurrence, outcome });
  if (outcome.kind === 'value') kept.set(`${like} ${occurrence}`, outcome.value);
  return outcome;
}

/** What an earlier attempt got. It takes its place among its like. */
function keptOf({ kept, counts }: Doing, asked: Asked): Outcome | undefined {
  const like = likeOf(asked);
  const occurrence = counts.get(like) ?? 0;
  const own = `${like} ${occurrence}`;
  if (!kept.has(own)) return undefined;
  counts.set(like, occurrence + 1);
  return { kind: 'value', value: kept.get(own) };
}

/** A question, whose answer follows from it, or a signal, which nobody else takes. */
function asWait({ kind, name }: WaitStep, { at, given, kept }: Doing): { asked: Asked; answer: () => Outcome } {
  if (kind === 'ask') {
    const request = { given };
    return { asked: { type: 'ask', name, request }, answer: () => ({ kind: 'value', value: answerOf(request) }) };
  }
  const signal = signalName(name, at.slice(0, at.lastIndexOf('#')));
  const asked = { type: 'receive', name: signal, request: signal };
  const taken = (): number => [...kept.keys()].filter((own) => own.startsWith(likeOf(asked))).length;
  return { asked, answer: () => ({ kind: 'value', value: signalOf(signal, taken()) }) };
}

/** What the functions do that an attempt has registered, and what they take back. */
function cleanedUp({ at, cleanUps, kept }: Doing): readonly PlainEntry[] {
  for (const name of cleanUps.flatMap(({ undoes }) => undoes))
    for (const own of [...kept.keys()]) if (own.startsWith(`["call",${JSON.stringify(name)},`)) kept.delete(own);
  return cleanUps.flatMap((_cleanUp, number) => {
    const done = { kind: 'effect', at: `${at}!${number}`, request: number, occurrence: 0 };
    const outcome = { kind: 'value', value: undefined };
    return [
      { ...done, type: 'call', name: released, outcome },
      { ...done, type: 'sleep', name: '', outcome },
    ];
  });
}

function toItsEnd<Result>(course: Course<Result>): Result {
  for (;;) {
    const { done, value } = course.next();
    if (done === true) return value;
  }
}

function* inOrder(log: Log): Generator<PlainEntry> {
  for (const piece of log) {
    if (Array.isArray(piece)) yield* inOrder(piece);
    else if ('kept' in piece)
      yield* [...sortEffects((piece as Doing).effects), ...(piece as Doing).events.sort(byStream)];
    else yield piece;
  }
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
  const said = routesOf(graph, end.route, state, given);
  const routes = said === 'empty' && node.emptyRoute === 'edges' ? undefined : said;
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

/** What a run that is stuck continues with in another graph. @throws Lost if one of its joins leads nowhere there */
function mendedArrivals(
  before: GraphScript,
  after: GraphScript,
  arrivals: Arrivals,
): { nodes: ReadonlySet<string>; arrivals: Arrivals } {
  const nodes = new Set<string>();
  const kept: Arrivals = new Map();
  const [earlier, later] = [joinsOf(before), joinsOf(after)];
  for (const [index, counts] of [...arrivals].sort(([left], [right]) => left - right)) {
    const arrived = new Map([...counts].filter(([, count]) => count > 0));
    if (arrived.size === 0) continue;
    const { to } = earlier[index] as JoinScript;
    const ordinal = earlier.filter((join, place) => place < index && join.to === to).length;
    const [place, join] = [...later.entries()].filter(([, other]) => other.to === to)[ordinal] ?? [];
    if (join === undefined || place === undefined) {
      const isOpen = after.edges.some(
        (edge) => edge.kind === 'edge' && edge.below === undefined && edge.to === to && arrived.has(edge.from),
      );
      if (!isOpen) throw new Lost();
      nodes.add(to);
      continue;
    }
    const fires = join.from.every((source) => arrived.has(source));
    if (fires) nodes.add(to);
    kept.set(place, new Map(join.from.map((source) => [source, (arrived.get(source) ?? 0) - (fires ? 1 : 0)])));
  }
  return { nodes, arrivals: kept };
}

function joinsOf({ edges }: GraphScript): readonly JoinScript[] {
  return edges.filter((edge) => edge.kind === 'join');
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
