// Small journals for tests: the entries of a run, with everything that a journal can hold.
import type { GraphDescription } from '../../src/journal/description.ts';
import type {
  CommitEntry,
  EffectEntry,
  EndEntry,
  Entry,
  EventEntry,
  NoteEntry,
  OutcomeEntry,
  RunEntry,
  TaskEntry,
} from '../../src/journal/entry.ts';
import type { AttemptKey, StepKey } from '../../src/journal/key.ts';

export function graphOf(name = 'desk', nodes: readonly string[] = ['ask', 'answer']): GraphDescription {
  return {
    name,
    state: { kind: 'fields', fields: { text: { kind: 'last', required: false, initial: '' } } },
    nodes: nodes.map((node) => ({ name: node, takesInput: false })),
    edges: [],
    start: nodes[0] ?? 'ask',
  };
}

export function runEntry(runId: string, graph = graphOf(), time = 1_000): RunEntry {
  return {
    kind: 'run',
    at: '',
    graph,
    fingerprint: 'f'.repeat(16),
    semantics: 1,
    seed: '42',
    observed: { runId, time },
  };
}

export function commitEntry(at: string, fields: Partial<CommitEntry> = {}): CommitEntry {
  return { kind: 'commit', at: at as StepKey, frontier: [], observed: { time: 2_000 }, ...fields };
}

export function effectEntry(at: string, fields: Partial<EffectEntry> = {}): EffectEntry {
  return {
    kind: 'effect',
    at: at as AttemptKey,
    type: 'call',
    name: 'search',
    request: { query: 'weather' },
    occurrence: 0,
    outcome: { kind: 'value', value: 'sunny' },
    observed: { began: 1_100, ended: 1_200 },
    ...fields,
  };
}

export function httpEffect(at: string, body: string, fields: Partial<EffectEntry> = {}): EffectEntry {
  return effectEntry(at, {
    type: 'http',
    name: 'POST api.example',
    request: { method: 'POST', origin: 'https://api.example', path: '/v1/chat' },
    outcome: { kind: 'value', value: { status: 200, headers: [['content-type', 'application/json']], body } },
    ...fields,
  });
}

export function eventEntry(at: string, fields: Partial<EventEntry> = {}): EventEntry {
  return {
    kind: 'event',
    at: at as AttemptKey,
    name: 'progress',
    stream: '',
    ordinal: 0,
    data: { percent: 50 },
    observed: { time: 1_150 },
    ...fields,
  };
}

export function noteEntry(at: string, fields: Partial<NoteEntry> = {}): NoteEntry {
  return { kind: 'note', at: at as AttemptKey, what: 'unrecorded', message: '', observed: { time: 1_300 }, ...fields };
}

export function taskEntry(at: string, fields: Partial<TaskEntry> = {}): TaskEntry {
  return {
    kind: 'task',
    at: at as AttemptKey,
    path: 'left#0',
    result: { status: 'done', value: 'found' },
    observed: { began: 1_110, ended: 1_190 },
    ...fields,
  };
}

export function outcomeEntry(at: string, fields: Partial<OutcomeEntry> = {}): OutcomeEntry {
  return {
    kind: 'outcome',
    at: at as AttemptKey,
    node: 'ask',
    result: { status: 'done', delta: { text: 'hello' } },
    observed: { began: 1_100, ended: 1_300 },
    ...fields,
  };
}

export function endEntry(fields: Partial<EndEntry> = {}): EndEntry {
  return { kind: 'end', at: '', step: 1, end: { status: 'done' }, observed: { time: 3_000 }, ...fields };
}

/** A whole run of one task. */
export function smallJournal(runId = 'run-1', graph = graphOf()): readonly Entry[] {
  return [
    runEntry(runId, graph),
    commitEntry('0', { input: { text: 'hi' }, frontier: [{ node: 'ask' }] }),
    effectEntry('1.0#1'),
    eventEntry('1.0#1'),
    outcomeEntry('1.0#1'),
    commitEntry('1'),
    endEntry(),
  ];
}

export async function* later<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

export async function collected<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
