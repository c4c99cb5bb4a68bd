// Turns the entries of a journal, in the order in which they are read, into what a reader is given of them.
//   E1. Of an attempt: `node-start`, its chunks, events and questions in order, a `reset` where some chunks become void,
//       `node-done` where it is done. If its chunks were dropped, one `snapshot` before that.
//   E2. The failure of an attempt voids the chunks of the inner runs in it as well.
import type { Value } from '../../base/value.ts';
import { isLimitError } from '../../journal/run/canonical.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type {
  BeginEntry,
  ChunkEntry,
  CommitEntry,
  EndEntry,
  Entry,
  EventEntry,
  OutcomeEntry,
} from '../../journal/entry.ts';
import { Accumulator } from '../../journal/fold/accumulator.ts';
import type { Segment } from '../../journal/fold/accumulator.ts';
import { attemptNumber, isCleanUpKey, keyNumbers } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { labelStream } from '../../journal/label.ts';
import { questionKey, questionOf } from '../../journal/step/question.ts';
import type { EventItem, NodeDoneItem, NodeStartItem, QuestionItem, ResetItem, SnapshotItem } from '../stream-item.ts';
import { StartedNodes } from './started-nodes.ts';

/** Chunks in a row: each becomes an item. */
export interface ChunkRow {
  readonly kind: 'chunks';
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  /** The ordinal of the first one. */
  readonly ordinal: number;
  readonly deltas: readonly Value[];
  readonly times: readonly number[];
  /** What they come to. */
  readonly segment: Segment;
}

/**
 * Positions without an item: of chunks that were dropped, or of a snapshot that nobody needs. They are counted, so that
 * positions are the same whether or not chunks were dropped.
 */
export interface Gap {
  readonly kind: 'gap';
  readonly key: AttemptKey;
  readonly node: string;
  readonly count: number;
  /** How many of them are chunks. */
  readonly chunks: number;
}

/** Items without their cursors. */
export type BareItem =
  | ChunkRow
  | Gap
  | Omit<NodeStartItem, 'cursor'>
  | Omit<EventItem, 'cursor'>
  | Omit<QuestionItem, 'cursor'>
  | Omit<ResetItem, 'cursor'>
  | Omit<SnapshotItem, 'cursor'>
  | Omit<NodeDoneItem, 'cursor'>;

interface OpenAttempt {
  readonly at: AttemptKey;
  readonly node: string;
  isDone: boolean;
  /** Some of its chunks were dropped. */
  isDropped: boolean;
  accumulator: Accumulator;
}

/** What is known of the chunks of an entry, beside the entry. */
export interface GivenChunks {
  readonly shared?: Segment | undefined;
  readonly kept?: readonly Value[];
}

export class ItemMaker {
  #graph: GraphDescription | undefined;
  /** Attempts of the open step that have given chunks. */
  readonly #open = new Map<string, OpenAttempt>();
  #voidedByEnd: ReadonlySet<string> = new Set();
  readonly #nodes = new StartedNodes();
  /** How many questions of one name an attempt, or a task in it, has asked. */
  readonly #asked = new Map<string, number>();

  /** `graph`: the graph of the run so far, unless it is read from the first entry on. */
  constructor(graph: GraphDescription | undefined) {
    this.#graph = graph;
  }

  /** `shared`: where the attempt folds its chunks, if that is at hand; `kept`: those that stay, if `needsKept` asks for them. */
  itemsOf(entry: Entry, { shared, kept }: GivenChunks): readonly BareItem[] {
    switch (entry.kind) {
      case 'run':
        this.#graph = entry.graph;
        return [];
      case 'chunk':
        return this.#afterStart(entry.at, entry.observed.times[0], this.#chunks(entry, shared, kept));
      case 'event':
        return this.#afterStart(entry.at, entry.observed.time, eventItems(entry, this.#nodes));
      case 'begin':
        if (isCleanUpKey(entry.at)) return [];
        return this.#afterStart(entry.at, entry.observed.time, entry.type === 'ask' ? [this.#question(entry)] : []);
      case 'effect':
        return isCleanUpKey(entry.at) ? [] : this.#afterStart(entry.at, entry.observed.began, []);
      case 'outcome':
        return this.#afterStart(entry.at, entry.observed.began, this.#outcome(entry));
      case 'commit':
        return this.#commit(entry);
      case 'edit':
        this.#graph = entry.graph ?? this.#graph;
        return [];
      case 'end':
        return this.#end(entry);
      default:
        return [];
    }
  }

  /** Whether an entry voids chunks so far back that those which stay have to be given along with it. */
  needsKept({ at, ordinal }: ChunkEntry): boolean {
    const accumulator = this.#open.get(at)?.accumulator;
    return accumulator !== undefined && !accumulator.canTruncate(ordinal);
  }

  /** The attempts whose chunks the end of the run voided. If the run is resumed, what is left of them counts again. */
  takeVoidedByEnd(): ReadonlySet<string> {
    const voided = this.#voidedByEnd;
    this.#voidedByEnd = new Set();
    return voided;
  }

  #commit(entry: CommitEntry): readonly BareItem[] {
    if (!entry.at.includes('/')) {
      this.#open.clear();
      this.#asked.clear();
    }
    const { time } = entry.observed;
    return this.#nodes.committed(entry).map((started) => ({ kind: 'node-start', ...started, time }));
  }

  /** The items of an entry, which may be the first of a further attempt. */
  #afterStart(at: AttemptKey, time: number | undefined, items: readonly BareItem[]): readonly BareItem[] {
    const started = this.#nodes.further(at);
    return started === undefined ? items : [{ kind: 'node-start', ...started, time: time ?? 0 }, ...items];
  }

  #question(begin: BeginEntry): BareItem {
    const { at, node, name, task, observed } = begin;
    const counted = `${at}>${task ?? ''}:${name}`;
    const occurrence = this.#asked.get(counted) ?? 0;
    this.#asked.set(counted, occurrence + 1);
    const question = questionOf(begin, questionKey(at, name, occurrence, task));
    return { kind: 'question', key: at, node, attempt: attemptNumber(at), time: observed.time, question };
  }

  #chunks(entry: ChunkEntry, shared: Segment | undefined, kept: readonly Value[] | undefined): readonly BareItem[] {
    const { at, node, ordinal, deltas, dropped, observed } = entry;
    const attempt = this.#attemptOf(at, node);
    // Its reader may have had this entry at hand already when those before it were dropped.
    if (dropped !== undefined || attempt.isDropped) {
      attempt.isDropped = true;
      const count = dropped ?? deltas.length;
      return [{ kind: 'gap', key: at, node, count, chunks: count }];
    }
    const { times } = observed;
    const isReset = ordinal < attempt.accumulator.count;
    if (kept !== undefined) {
      attempt.accumulator = this.#accumulator(at);
      for (const delta of kept) attempt.accumulator.add(delta);
    } else if (isReset) attempt.accumulator.truncate(ordinal);
    const segment = attempt.accumulator.addRow(deltas, ordinal, shared);
    const chunks: BareItem = {
      kind: 'chunks',
      key: at,
      node,
      attempt: attemptNumber(at),
      ordinal,
      deltas,
      times,
      segment,
    };
    return isReset ? [resetOf(attempt, ordinal, times[0] ?? 0), chunks] : [chunks];
  }

  #attemptOf(at: AttemptKey, node: string): OpenAttempt {
    let attempt = this.#open.get(at);
    if (attempt === undefined) {
      attempt = { at, node, isDone: false, isDropped: false, accumulator: this.#accumulator(at) };
      this.#open.set(at, attempt);
    }
    return attempt;
  }

  #accumulator(at: AttemptKey): Accumulator {
    return new Accumulator(at.includes('/') ? undefined : this.#graph?.state);
  }

  #outcome({ at, node, result, observed }: OutcomeEntry): readonly BareItem[] {
    const attempt = this.#open.get(at);
    const time = observed.ended;
    if (result.status !== 'done') return this.#void(time, (open) => open.at === at || open.at.startsWith(`${at}/`));
    if (attempt !== undefined) attempt.isDone = true;
    const item = { key: at, node, attempt: attemptNumber(at), time, delta: result.delta };
    const before: BareItem =
      attempt?.isDropped === true ? { kind: 'snapshot', ...item } : { kind: 'gap', key: at, node, count: 1, chunks: 0 };
    return [before, { kind: 'node-done', ...item }];
  }

  /** What is not part of the run's canonical journal is void: open attempts, and ranks above the failing one. */
  #end({ end, observed }: EndEntry): readonly BareItem[] {
    if (end.status === 'done') return [];
    // If no task is to blame everything that is done counts, unless a limit cut the step short.
    const failedRank = end.status === 'failed' && !isLimitError(end.error) ? lastRankOf(end.task) : undefined;
    const isVoid = ({ at, isDone }: OpenAttempt): boolean =>
      !isDone || failedRank === undefined || (keyNumbers(at)[1] ?? 0) > failedRank;
    this.#voidedByEnd = new Set([...this.#open.values()].filter(isVoid).map(({ at }) => at));
    return this.#void(observed.time, isVoid);
  }

  #void(time: number, isVoid: (attempt: OpenAttempt) => boolean): readonly BareItem[] {
    const attempts = [...this.#open.values()].filter(isVoid);
    for (const { at } of attempts) this.#open.delete(at);
    return attempts
      .filter(({ accumulator, isDropped }) => isDropped || accumulator.count > 0)
      .map((attempt) => resetOf(attempt, 0, time));
  }
}

/** Labels are events of a stream of their own, and are listed with the commits. */
function eventItems({ at, name, stream, task, data, observed }: EventEntry, nodes: StartedNodes): readonly BareItem[] {
  if (stream === labelStream) return [];
  const origin = { key: at, node: nodes.nodeOf(at), attempt: attemptNumber(at), time: observed.time };
  return [{ kind: 'event', ...origin, name, stream, ...(task === undefined ? {} : { task }), data }];
}

function resetOf({ at, node }: OpenAttempt, from: number, time: number): BareItem {
  return { kind: 'reset', key: at, node, attempt: attemptNumber(at), time, from };
}

function lastRankOf(task: string | undefined): number | undefined {
  return task === undefined ? Number.POSITIVE_INFINITY : keyNumbers(task)[1];
}
