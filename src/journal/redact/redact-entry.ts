import type { Value } from '../../base/value.ts';
import type { FieldDescription, GraphDescription, StateDescription } from '../description.ts';
import type { EffectEntry, EffectOutcome, Entry, NoteEntry, PooledEntry, RunEnd } from '../entry.ts';
import { redactRequest, redactValue } from './redact.ts';
import { redactedParts } from './redacted-parts.ts';
import type { RedactionMarks } from './redact.ts';

/** An entry as a fixture may hold it. Everything from the user's code or from outside is redacted, but keys are not. */
export function redactEntry(entry: Entry, marks: RedactionMarks): Entry {
  const redact = (value: Value): Value => redactValue(value, marks);
  switch (entry.kind) {
    case 'run':
      return { ...entry, graph: redactGraph(entry.graph, redact) };
    case 'effect':
      return { ...entry, request: redactRequest(redact(entry.request)), outcome: redactOutcome(entry.outcome, redact) };
    case 'pooled':
      return { ...entry, request: redactRequest(redact(entry.request)), outcome: redactOutcome(entry.outcome, redact) };
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
      return { ...entry, request: redactRequest(redact(entry.request)) };
    case 'chunk':
      return { ...entry, deltas: redact(entry.deltas) as readonly Value[] };
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

/** What was observed of an entry, as a fixture may hold it. */
export function redactObserved<Given extends Entry>(given: Given, marks: RedactionMarks): Given {
  if ('terms' in given.observed || 'decides' in given.observed) return withoutOwners(given);
  const entry = given.kind === 'effect' || given.kind === 'pooled' ? (withFittingParts(given, marks) as Given) : given;
  if (!('answer' in entry.observed) && !('stacks' in entry.observed) && !('stack' in entry.observed)) return entry;
  return { ...entry, observed: redactValue(entry.observed as unknown as Value, marks) };
}

/** A replay has no use for the terms of a run and for what was decided about it. They are its owner's. */
function withoutOwners<Given extends Entry>(entry: Given): Given {
  const { terms: _terms, decides: _decides, ...observed } = entry.observed as NoteEntry['observed'];
  return { ...entry, observed } as Given;
}

/** The parts of a body are those of the redacted one. */
function withFittingParts(entry: EffectEntry | PooledEntry, marks: RedactionMarks): EffectEntry | PooledEntry {
  const { parts } = entry.observed;
  if (parts === undefined || parts.length < 2 || entry.outcome.kind !== 'value') return entry;
  const { value } = entry.outcome;
  const redacted = redactValue(value, marks);
  if (redacted === value) return entry;
  const before = bodyBytes(value);
  const after = bodyBytes(redacted);
  const fitting = before === undefined || after === undefined ? undefined : redactedParts(before, after, parts);
  return fitting === undefined ? entry : { ...entry, observed: { ...entry.observed, parts: fitting } };
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

function redactCommit(entry: Entry & { readonly kind: 'commit' }, redact: (value: Value) => Value): Entry {
  return {
    ...entry,
    frontier: entry.frontier.map((task) => ('input' in task ? { ...task, input: redact(task.input) } : task)),
    ...(entry.input === undefined ? {} : { input: redact(entry.input) }),
    ...(entry.patch === undefined
      ? {}
      : { patch: redact(entry.patch as unknown as Value) as unknown as NonNullable<typeof entry.patch> }),
  };
}
