import { atOnce, mapInPieces } from '../../base/in-pieces.ts';
import { canonicalList } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { FieldDescription, GraphDescription, StateDescription } from '../description.ts';
import type {
  EffectEntry,
  EffectOutcome,
  Entry,
  EventEntry,
  NoteEntry,
  PooledEntry,
  RunEnd,
  TaskSpec,
} from '../entry.ts';
import { wideListOf, withList } from '../wide-list.ts';
import { repeatedIn, withFittingRepeats } from './find/repeated-credentials.ts';
import { redactAcross } from './find/split-values.ts';
import { redactRequest, redactValue } from './redact.ts';
import { redactedParts } from './redacted-parts.ts';
import type { RedactionMarks } from './redaction-marks.ts';
import { mapPlacedEntry } from './rule/placed-entry.ts';

/** An entry as a fixture may hold it. Everything from the user's code or from outside is redacted, but keys are not. */
export function redactEntry(given: Entry, marks: RedactionMarks): Entry {
  learnRepeats(given, marks);
  return redactPlaced(withoutPlaced(given, marks), marks);
}

/** What an answer repeats of its request is secret wherever it stands, and only the entry as it was says where that is. */
function learnRepeats(entry: Entry, marks: RedactionMarks, part?: 'outcome'): void {
  for (const { kind, secret } of repeatedIn(entry, part)) marks.learn(kind, secret);
}

/** The same, in pieces if it is the entry of a wide step. In the same order, in which secrets are numbered. */
function* redactWide(given: Entry, marks: RedactionMarks): Generator<undefined, Entry> {
  learnRepeats(given, marks);
  const entry = withoutPlaced(given, marks);
  const wide = wideListOf(entry);
  if (wide === undefined) return redactPlaced(entry, marks);
  const redact = (value: Value): Value => redactValue(value, marks);
  const rest = withList(entry, wide.path, []);
  if (entry.kind === 'commit') {
    const frontier = yield* mapInPieces(entry.frontier, (task) => redactTask(task, redact));
    return { ...redactPlaced(rest, marks), frontier } as Entry;
  }
  const redacted = redactPlaced(rest, marks);
  const items = yield* mapInPieces(wide.items, redact);
  return withList(redacted, wide.path, items.every((item, place) => item === wide.items[place]) ? wide.items : items);
}

function withoutPlaced(given: Entry, marks: RedactionMarks): Entry {
  // An initial value stands in every run, whatever came of it.
  const isGraph = given.kind === 'run';
  return mapPlacedEntry(given, marks.rules.places, (leaf, paths) => marks.hide(leaf, isGraph ? [] : paths));
}

function redactPlaced(entry: Entry, marks: RedactionMarks): Entry {
  const redact = (value: Value): Value => redactValue(value, marks);
  switch (entry.kind) {
    case 'run':
      return { ...entry, graph: redactGraph(entry.graph, redact) };
    case 'effect':
    case 'pooled':
      return {
        ...entry,
        request: redactRequest(redact(entry.request)),
        outcome: redactOutcome(entry.outcome, redact),
      };
    case 'task':
      return {
        ...entry,
        ...(entry.input === undefined ? {} : { input: redact(entry.input) }),
        result: redact(entry.result as unknown as Value) as unknown as typeof entry.result,
      };
    case 'note':
      return { ...entry, message: redact(entry.message) as string };
    case 'ambient':
    case 'guard':
      return entry;
    case 'stop':
      return {
        ...entry,
        ...(entry.end === undefined ? {} : { end: redact(entry.end as unknown as Value) as unknown as RunEnd }),
        ...(entry.error === undefined ? {} : { error: redact(entry.error) }),
      };
    case 'begin':
      return {
        ...entry,
        request: redactRequest(redact(entry.request)),
        ...(entry.outcome === undefined ? {} : { outcome: redactOutcome(entry.outcome, redact) }),
      };
    case 'chunk':
      return { ...entry, deltas: redact(canonicalList(redactAcross(entry.deltas, marks))) as readonly Value[] };
    case 'restart':
      return entry;
    case 'edit':
      return {
        ...entry,
        patch: redact(entry.patch as unknown as Value) as unknown as typeof entry.patch,
        ...(entry.graph === undefined ? {} : { graph: redactGraph(entry.graph, redact) }),
      };
    case 'event':
      return { ...entry, data: redact(entry.data) };
    case 'outcome':
      return { ...entry, result: redact(entry.result as unknown as Value) as unknown as typeof entry.result };
    case 'commit':
      return redactCommit(entry, redact);
    case 'end':
      return { ...entry, end: redact(entry.end as unknown as Value) as unknown as typeof entry.end };
  }
}

/** So many take about a millisecond. */
const entriesAPiece = 64;

const redactedObservations = ['answer', 'stacks', 'stack', 'nextStep', 'terms', 'decides'];

/** What was observed of an entry, as a fixture may hold it. `before`: the entry as it was. */
export function redactObserved<Given extends Entry>(given: Given, marks: RedactionMarks, before: Entry = given): Given {
  const fitting = isExchange(given) && isExchange(before) ? (withFittingParts(given, before, marks) as Given) : given;
  const entry = withFittingRepeats(fitting, before);
  if (!redactedObservations.some((name) => name in entry.observed)) return entry;
  return { ...entry, observed: redactValue(entry.observed as unknown as Value, marks) };
}

function isExchange(entry: Entry): entry is EffectEntry | PooledEntry {
  return entry.kind === 'effect' || entry.kind === 'pooled';
}

/**
 * Entries of a step as a fixture may hold them, whole. Events of a node are looked at as one text too: it may stream what it
 * was streamed.
 */
export function redactEntries(entries: readonly Entry[], marks: RedactionMarks): readonly Entry[] {
  return atOnce(redactInPieces(entries, marks));
}

export function redactInPieces(
  entries: readonly Entry[],
  marks: RedactionMarks,
): Generator<undefined, readonly Entry[]> {
  const joined = redactEventsAcross(entries, marks);
  return redactJoined(joined, marks);
}

function* redactJoined(entries: readonly Entry[], marks: RedactionMarks): Generator<undefined, readonly Entry[]> {
  const redacted: Entry[] = [];
  for (const entry of entries) {
    redacted.push(redactObserved(yield* redactWide(entry, marks), marks, entry));
    if (redacted.length % entriesAPiece === 0) yield;
  }
  return redacted;
}

/** Learns what is secret in the canonical part of a step. */
export function* learnEntries(entries: readonly Entry[], marks: RedactionMarks): Generator<undefined, void> {
  let count = 0;
  for (const entry of redactEventsAcross(entries, marks)) {
    learnRepeats(entry, marks, 'outcome');
    yield* redactWide(withoutObserved(entry), marks);
    count += 1;
    if (count % entriesAPiece === 0) yield;
  }
}

/** Learns what is secret in what was observed besides. */
export function learnObserved(entry: Entry, marks: RedactionMarks): void {
  learnRepeats(entry, marks);
  if (entry.kind === 'pooled' || entry.kind === 'note') redactEntry(entry, marks);
  const { observed } = entry;
  if ('answer' in observed || 'stacks' in observed || 'stack' in observed)
    redactValue(
      mapPlacedEntry(entry, marks.rules.places, (leaf, paths) => marks.hide(leaf, paths)).observed as unknown as Value,
      marks,
    );
}

/** The headers of an answer are learned later. */
function withoutObserved(entry: Entry): Entry {
  if (!isExchange(entry) || entry.observed.answer === undefined) return entry;
  const { answer: _answer, ...observed } = entry.observed;
  return { ...entry, observed };
}

function redactEventsAcross(entries: readonly Entry[], marks: RedactionMarks): readonly Entry[] {
  const streams = new Map<string, number[]>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== 'event') continue;
    const stream = JSON.stringify([entry.at, entry.task ?? '', entry.stream, entry.name]);
    const known = streams.get(stream);
    if (known === undefined) streams.set(stream, [index]);
    else known.push(index);
  }
  let changed: Entry[] | undefined;
  for (const places of streams.values()) {
    const data = places.map((place) => (entries[place] as EventEntry).data);
    const redacted = redactAcross(data, marks);
    if (redacted === data) continue;
    changed ??= [...entries];
    for (const [index, place] of places.entries())
      changed[place] = { ...(entries[place] as EventEntry), data: redacted[index] };
  }
  return changed ?? entries;
}

/** A replay has no use for the terms of a run and for what was decided about it. They are its owner's. */
export function withoutOwners<Given extends Entry>(entry: Given): Given {
  if (!('terms' in entry.observed || 'decides' in entry.observed)) return entry;
  const { terms: _terms, decides: _decides, ...observed } = entry.observed as NoteEntry['observed'];
  return { ...entry, observed } as Given;
}

/** The parts of a body are those of the redacted one. */
function withFittingParts(
  entry: EffectEntry | PooledEntry,
  before: EffectEntry | PooledEntry,
  marks: RedactionMarks,
): EffectEntry | PooledEntry {
  const { parts } = entry.observed;
  if (parts === undefined || parts.length < 2 || before.outcome.kind !== 'value') return entry;
  const after = entry === before ? redactValue(before.outcome.value, marks) : outcomeValue(entry.outcome);
  if (after === before.outcome.value) return entry;
  const [old, redacted] = [bodyBytes(before.outcome.value), bodyBytes(after)];
  if (old === undefined || redacted === undefined) return entry;
  return { ...entry, observed: { ...entry.observed, parts: redactedParts(old, redacted, parts) } };
}

function outcomeValue(outcome: EffectOutcome): Value {
  return outcome.kind === 'value' ? outcome.value : undefined;
}

function bodyBytes(answer: Value): Uint8Array | undefined {
  const { body } = (answer ?? {}) as { readonly body?: Value };
  return typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : undefined;
}

/**
 * Redacts the initial values of the state. The names in a graph are code, which the readers of a fixture have anyway.
 */
function redactGraph(graph: GraphDescription, redact: (value: Value) => Value): GraphDescription {
  const nodes = graph.nodes.map((node) =>
    node.subgraph === undefined ? node : { ...node, subgraph: redactGraph(node.subgraph, redact) },
  );
  return { ...graph, state: redactInitial(graph.state, redact), nodes };
}

function redactInitial(state: StateDescription, redact: (value: Value) => Value): StateDescription {
  if (state.kind === 'function') return { ...state, initial: redact(state.initial) };
  const fields = Object.entries(state.fields).map(([name, field]): readonly [string, FieldDescription] => {
    if (!('initial' in field)) return [name, field];
    // By its name too: the name of a field says what it holds.
    const [initial] = Object.values(redact({ [name]: field.initial }) as { readonly [key: string]: Value });
    return [name, { ...field, initial }];
  });
  return { ...state, fields: Object.fromEntries(fields) };
}

function redactOutcome(outcome: EffectOutcome, redact: (value: Value) => Value): EffectOutcome {
  return outcome.kind === 'value'
    ? { kind: 'value', value: redact(outcome.value) }
    : { kind: 'error', error: redact(outcome.error) };
}

function redactTask(task: TaskSpec, redact: (value: Value) => Value): TaskSpec {
  return 'input' in task ? { ...task, input: redact(task.input) } : task;
}

function redactCommit(entry: Entry & { readonly kind: 'commit' }, redact: (value: Value) => Value): Entry {
  return {
    ...entry,
    frontier: entry.frontier.map((task) => redactTask(task, redact)),
    ...(entry.input === undefined ? {} : { input: redact(entry.input) }),
    ...(entry.patch === undefined
      ? {}
      : { patch: redact(entry.patch as unknown as Value) as unknown as NonNullable<typeof entry.patch> }),
  };
}
