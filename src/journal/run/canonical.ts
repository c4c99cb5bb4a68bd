import { atOnce, inPieces } from '../../base/in-pieces.ts';
import type { Worker } from '../../base/in-pieces.ts';
import { adopt, canonicalList, holdsBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import type { GraphDescription } from '../description.ts';
import { entryIdentity } from '../entry-identity.ts';
import { isBeside, isMark } from '../entry.ts';
import { ChunkLog } from '../fold/chunk-log.ts';
import type {
  BeginEntry,
  BesideEntry,
  ChunkEntry,
  EffectEntry,
  EndEntry,
  Entry,
  NoteEntry,
  OutcomeEntry,
  RestartEntry,
  StopEntry,
} from '../entry.ts';
import { attemptKey, attemptNumber, keyNumbers, rankOfTask, stepOfTask, taskOfAttempt } from '../key.ts';
import { isOfLoser } from '../step/race.ts';
import { compareEntries, inCanonicalOrder } from './canonical-order.ts';
import { cleanUpNotes, withoutStops, withoutUncounted } from '../step/stops.ts';

export const resumedNote = 'resumed';

/** The canonical entries of one step of the run, in canonical order. */
export interface CanonicalStep {
  readonly step: number;
  readonly entries: readonly Entry[];
  /** What else was observed in the step. */
  readonly beside: readonly BesideEntry[];
}

/** The canonical journal, from entries in the order in which a store holds them. */
export function canonicalEntries(entries: Iterable<Entry>): readonly Entry[] {
  const collected: Entry[] = [];
  for (const step of canonicalSteps(entries)) for (const entry of step.entries) collected.push(entry);
  return collected;
}

/**
 * The canonical journal, one step at a time. A store holds all entries of a step before any of the next, so only one
 * step is in memory. Step 0 begins with the `run` entry; the last step ends with the `end` entry.
 */
export function* canonicalSteps(entries: Iterable<Entry>): Generator<CanonicalStep> {
  const gatherer = new StepGatherer();
  for (const entry of entries) {
    const step = gatherer.add(entry);
    if (step !== undefined) yield step;
  }
  yield* gatherer.rest();
}

/** `canonicalSteps` for a journal that is read asynchronously. `worker`: does what there is to do for a step. */
export async function* canonicalStepsOf(
  entries: AsyncIterable<Entry>,
  worker: Worker = atOnce,
): AsyncGenerator<CanonicalStep> {
  const gatherer = new StepGatherer();
  for await (const entry of entries) {
    const completed = gatherer.completed(entry);
    if (completed !== undefined) yield await worker(completed);
  }
  yield* await worker(gatherer.restInPieces());
}

function isWait({ type }: EffectEntry | BeginEntry): boolean {
  return type === 'ask' || type === 'receive';
}

/** Gathers the entries of a journal, in the order in which a store holds them, into canonical steps. */
export class StepGatherer {
  #open: Entry[] = [];
  #step = 0;
  #graph: GraphDescription | undefined;
  #end: EndEntry | undefined;
  /** What the step waits for from outside: the open questions, and the signals that have not come. */
  #waits: BeginEntry[] = [];
  #beside: BesideEntry[] = [];
  /** The attempts of the step that were stopped and had something to clean up. */
  #stops: StopEntry[] = [];

  /** Returns the step that this entry completes: with its commit. */
  add(entry: Entry): CanonicalStep | undefined {
    return this.#take(entry) ? atOnce(this.#committed()) : undefined;
  }

  /** The same, with the work that is left to do for the step. */
  completed(entry: Entry): Generator<undefined, CanonicalStep> | undefined {
    return this.#take(entry) ? this.#committed() : undefined;
  }

  /** Returns whether it completes its step. */
  #take(entry: Entry): boolean {
    if (isBeside(entry)) {
      this.#addBeside(entry);
      return false;
    }
    if (entry.kind === 'run') this.#graph = entry.graph;
    // An end counts only if nothing follows it: a failed run may have been resumed.
    if (this.#end?.end.status === 'failed' && entry.kind !== 'end') {
      this.#beside.push(...resumedNotes(this.#open, this.#end), ...cleanUpNotes(this.#stops, this.#open));
      this.#open = [...withoutStops(this.#open)];
      this.#stops = [];
    }
    this.#end = entry.kind === 'end' ? entry : undefined;
    if (entry.kind === 'begin' && isWait(entry)) this.#waits.push(entry);
    if (entry.kind === 'effect' && isWait(entry))
      this.#waits = this.#waits.filter((begin) => compareEntries(begin, entry) !== 0);
    if (entry.kind === 'effect' && entry.type === 'race')
      this.#waits = this.#waits.filter((begin) => !isOfLoser(entry, begin.at, begin.task));
    if (entry.kind === 'outcome' && this.#waits.length > 0)
      this.#waits = this.#waits.filter(({ at }) => at !== entry.at && !at.startsWith(`${entry.at}/`));
    if (entry.kind === 'stop') this.#stops.push(entry);
    if (entry.kind === 'end' || isMark(entry)) return false;
    this.#open.push(entry);
    return entry.kind === 'commit' && !entry.at.includes('/');
  }

  *#committed(): Generator<undefined, CanonicalStep> {
    return yield* this.#close(yield* this.#counted(this.#open));
  }

  #addBeside(entry: BesideEntry): void {
    if (entry.kind !== 'note' || entry.voids === undefined) {
      this.#beside.push(entry);
      return;
    }
    const { voids, ...note } = entry;
    this.#waits = this.#waits.filter((begin) => entryIdentity(begin) !== voids);
    const place = this.#open.findLastIndex((one) => entryIdentity(one) === voids);
    if (place >= 0) this.#open = this.#open.toSpliced(place, 1);
    // What is left to say of it: the canonical journal no longer has the entry.
    this.#beside.push(note);
  }

  /** The entries so far of the open step of an unfinished run, in canonical order, with what it waits for. */
  open(): CanonicalStep | undefined {
    if (this.#end !== undefined || this.#step === 0) return undefined;
    const entries = atOnce(inCanonicalOrder([...packedChunks(this.#open), ...this.#waits]));
    if (entries.length === 0) return undefined;
    return { step: this.#step, entries, beside: [...this.#beside, ...cleanUpNotes(this.#stops, [])] };
  }

  /** What was done in the step in which the run failed or was cancelled, in canonical order, whether or not it counts. */
  stopped(): readonly Entry[] {
    return this.#end === undefined ? [] : atOnce(inCanonicalOrder(packedChunks(this.#open)));
  }

  /**
   * Called after the last entry. Returns the step in which the run ended, or the `run` entry if there is nothing else.
   */
  rest(): readonly CanonicalStep[] {
    return atOnce(this.restInPieces());
  }

  *restInPieces(): Generator<undefined, readonly CanonicalStep[]> {
    if (this.#end !== undefined) return [yield* this.#close(yield* this.#upToEnd(this.#end))];
    const run = this.#step === 0 ? this.#open.filter((entry) => entry.kind === 'run') : [];
    return run.length === 0 ? [] : [yield* this.#close(run)];
  }

  *#close(counted: readonly Entry[]): Generator<undefined, CanonicalStep> {
    this.#beside.push(...cleanUpNotes(this.#stops, this.#open));
    this.#stops = [];
    const entries = yield* inCanonicalOrder(counted);
    const step = { step: this.#step, entries, beside: this.#beside };
    this.#step += 1;
    this.#open = [];
    this.#waits = [];
    this.#beside = [];
    return step;
  }

  *#upToEnd(end: EndEntry): Generator<undefined, readonly Entry[]> {
    if (end.end.status !== 'failed' || isLimitError(end.end.error)) {
      return [...this.#open.filter((entry) => entry.kind === 'run'), end];
    }
    const failedRank = end.end.task === undefined ? Number.POSITIVE_INFINITY : rankOfTask(end.end.task);
    const open = this.#open.filter((entry) => (keyNumbers(entry.at)[1] ?? 0) <= failedRank);
    return [...(yield* this.#counted(open)), end];
  }

  *#counted(all: readonly Entry[]): Generator<undefined, readonly Entry[]> {
    const packed = packedChunks(all);
    yield;
    const entries = withoutUncounted(packed);
    yield;
    const hasInner = entries.some((entry) => entry.at.includes('/'));
    return hasInner && this.#graph !== undefined ? yield* new InnerSteps(this.#graph, entries).counted() : entries;
  }
}

/** What the canonical journal does not say: that a failed run was resumed, after these attempts of its open step. */
function resumedNotes(open: readonly Entry[], { observed }: EndEntry): readonly NoteEntry[] {
  const last = new Map<string, OutcomeEntry>();
  for (const entry of open) if (entry.kind === 'outcome') last.set(taskOfAttempt(entry.at), entry);
  return [...last.values()]
    .filter(({ result }) => result.status !== 'done')
    .map(({ at, node }) => ({
      kind: 'note',
      at,
      node,
      what: resumedNote,
      message: 'the run failed after this attempt, and was resumed',
      observed: { time: observed.time },
    }));
}

/** Packs the chunks of each attempt that count into one entry (K5). */
function packedChunks(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some((entry) => entry.kind === 'chunk')) return entries;
  const done = new Set<string>();
  const groups = new Map<string, ChunkEntry[]>();
  const restarts = new Map<string, RestartEntry>();
  for (const entry of entries) {
    if (entry.kind === 'restart') restarts.set(entry.at, entry);
    if (entry.kind === 'outcome' && entry.result.status === 'done') done.add(entry.at);
    if (entry.kind !== 'chunk') continue;
    const known = groups.get(entry.at);
    if (known === undefined) groups.set(entry.at, [entry]);
    else known.push(entry);
  }
  const packed: Entry[] = entries.filter(({ kind }) => kind !== 'chunk' && kind !== 'restart');
  packed.push(...restarts.values());
  for (const [at, list] of groups) {
    const count = done.has(at) ? Number.POSITIVE_INFINITY : (restarts.get(at)?.ordinal ?? 0);
    packed.push(...united(list, count));
  }
  return packed;
}

function united(groups: readonly ChunkEntry[], count: number): readonly ChunkEntry[] {
  const [first] = groups as readonly [ChunkEntry];
  if (count === 0) return [];
  if (groups.some(({ dropped }) => dropped !== undefined)) return [droppedChunks(groups)];
  if (groups.length === 1 && first.deltas.length <= count) return first.deltas.length === 0 ? [] : groups;
  const chunks = new ChunkLog();
  for (const group of groups) chunks.add(group);
  chunks.truncate(count);
  if (chunks.deltas.length === 0) return [];
  return [
    {
      kind: 'chunk',
      at: first.at,
      node: first.node,
      ordinal: 0,
      deltas: adopt(chunks.deltas, chunks.deltas.some(holdsBytes)),
      observed: { times: chunks.times },
    },
  ];
}

/** The store dropped the chunks: only their number is left. */
function droppedChunks(groups: readonly ChunkEntry[]): ChunkEntry {
  const last = groups.at(-1) as ChunkEntry;
  const dropped = last.ordinal + (last.dropped ?? last.deltas.length);
  return { ...last, ordinal: 0, deltas: canonicalList([]), dropped, observed: { times: [] } };
}

/** A limit stops a step at an arbitrary point, so nothing of that step counts (K3). */
export function isLimitError(error: Value): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'RepriseError' && (code === 'limit-reached' || code === 'takeover-limit');
}

/** Keeps the canonical entries of inner steps that were not committed (K2 to K4, one level down). */
class InnerSteps {
  readonly #graph: GraphDescription;
  readonly #entries: readonly Entry[];
  readonly #outcomes = new Map<string, OutcomeEntry>();
  readonly #committed = new Set<string>();
  readonly #byStep = new Map<string, OutcomeEntry[]>();

  constructor(graph: GraphDescription, entries: readonly Entry[]) {
    this.#graph = graph;
    this.#entries = entries;
  }

  *counted(): Generator<undefined, readonly Entry[]> {
    yield* inPieces(this.#entries, (entry) => this.#add(entry));
    const lastRanks = new Map<string, number>();
    const counted: Entry[] = [];
    yield* inPieces(this.#entries, (entry) => {
      if (this.#counts(entry.at, lastRanks)) counted.push(entry);
    });
    return counted;
  }

  #add(entry: Entry): void {
    if (entry.kind === 'commit') this.#committed.add(entry.at);
    if (entry.kind !== 'outcome') return;
    this.#outcomes.set(entry.at, entry);
    const step = stepOfTask(taskOfAttempt(entry.at));
    const known = this.#byStep.get(step);
    if (known === undefined) this.#byStep.set(step, [entry]);
    else known.push(entry);
  }

  #counts(at: string, lastRanks: Map<string, number>): boolean {
    for (let dot = at.indexOf('.'); dot > 0; dot = at.indexOf('.', dot + 1)) {
      const step = at.slice(0, dot);
      if (!step.includes('/') || this.#committed.has(step)) continue;
      const lastRank = lastRanks.get(step) ?? this.#lastRank(step);
      lastRanks.set(step, lastRank);
      if (Number.parseInt(at.slice(dot + 1), 10) > lastRank) return false;
    }
    return true;
  }

  /** The highest rank that counts in an inner step that was not committed. */
  #lastRank(step: string): number {
    const scope = step.slice(0, step.lastIndexOf('/'));
    const around = this.#outcomes.get(scope)?.result;
    // The attempt around it timed out, so nothing inside it counts.
    if (around?.status !== 'failed') return -1;
    const handled = this.#handledNodes(scope);
    const last = new Map<number, OutcomeEntry>();
    for (const outcome of this.#byStep.get(step) ?? []) {
      const rank = rankOfTask(taskOfAttempt(outcome.at));
      const known = last.get(rank);
      if (known === undefined || attemptNumber(known.at) < attemptNumber(outcome.at)) last.set(rank, outcome);
    }
    const failed = [...last].filter(([, { result, node }]) => result.status !== 'done' && !handled.has(node));
    // One that failed may have been tried again and have waited for people until another one failed.
    const blamed = failed.filter(([, { result }]) => result.status !== 'done' && sameValue(result.error, around.error));
    const certain = blamed.length > 1 ? blamed.filter(([, outcome]) => !this.#isTriedAgain(outcome)) : blamed;
    const ranks = [certain, blamed, failed].find((found) => found.length > 0) ?? [];
    return Math.min(...ranks.map(([rank]) => rank));
  }

  /** Whether a further attempt of the task has left anything. */
  #isTriedAgain({ at }: OutcomeEntry): boolean {
    const next = attemptKey(taskOfAttempt(at), attemptNumber(at) + 1);
    return this.#entries.some((entry) => entry.at === next || entry.at.startsWith(`${next}/`));
  }

  /** The nodes of an inner graph that have an error handler. */
  #handledNodes(scope: string): ReadonlySet<string> {
    const nodes = this.#graphOf(scope)?.nodes ?? [];
    return new Set(nodes.filter((node) => node.onError !== undefined).map((node) => node.name));
  }

  #graphOf(scope: string): GraphDescription | undefined {
    if (scope === '') return this.#graph;
    const end = scope.lastIndexOf('/');
    const node = this.#outcomes.get(scope)?.node;
    return this.#graphOf(end < 0 ? '' : scope.slice(0, end))?.nodes.find((candidate) => candidate.name === node)
      ?.subgraph;
  }
}
