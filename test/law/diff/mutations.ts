// Single changes to a recorded run, each with the divergence that must report it.
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import type { DivergenceKind } from '../../../src/diff/index.ts';
import type {
  CommitEntry,
  EffectEntry,
  EndEntry,
  Entry,
  EventEntry,
  OutcomeEntry,
  Route,
} from '../../../src/journal/entry.ts';

export interface Step {
  readonly entries: readonly Entry[];
}

export interface Mutation {
  readonly name: string;
  readonly kind: DivergenceKind;
  readonly at: string;
  /** The run after the change. The recorded run is the other side. */
  readonly steps: readonly Step[];
  /** The changed step. */
  readonly step: number;
}

interface Change {
  readonly name: string;
  readonly kind: DivergenceKind;
  readonly at?: string;
  /** What replaces the entry. */
  readonly entries: readonly Entry[];
}

/** All single changes of a run that this file can make. */
export function mutationsOf(steps: readonly Step[]): readonly Mutation[] {
  return steps.flatMap(({ entries }, step) =>
    entries.flatMap((entry, place) =>
      changesOf(entry, step).map((change): Mutation => {
        const changed = [...entries.slice(0, place), ...change.entries, ...entries.slice(place + 1)];
        return {
          name: change.name,
          kind: change.kind,
          at: change.at ?? entry.at,
          step,
          steps: [...steps.slice(0, step), { entries: changed }, ...steps.slice(step + 1)],
        };
      }),
    ),
  );
}

function changesOf(entry: Entry, step: number): readonly Change[] {
  switch (entry.kind) {
    case 'run':
    case 'begin':
    case 'chunk':
    case 'restart':
    case 'edit':
    case 'task':
    case 'pooled':
    case 'ambient':
    case 'note':
    case 'guard':
    case 'stop':
      return [];
    case 'effect':
      return effectChanges(entry);
    case 'event':
      return eventChanges(entry);
    case 'outcome':
      return outcomeChanges(entry);
    case 'commit':
      return commitChanges(entry);
    case 'end':
      return endChanges(entry, step);
  }
}

function effectChanges(effect: EffectEntry): readonly Change[] {
  const changed = (fields: Partial<EffectEntry>): readonly Entry[] => [{ ...effect, ...fields }];
  const added: EffectEntry = { ...effect, name: 'planted' };
  return [
    { name: 'another request', kind: 'request', entries: changed({ request: 'planted' }) },
    { name: 'an effect less', kind: 'unused effect', entries: [] },
    { name: 'an effect more', kind: 'missing effect', entries: [effect, added] },
    { name: 'another answer', kind: 'answer', entries: changed({ outcome: { kind: 'value', value: 'planted' } }) },
  ];
}

function eventChanges(event: EventEntry): readonly Change[] {
  return [
    { name: 'other data', kind: 'event', entries: [{ ...event, data: 'planted' }] },
    { name: 'another name', kind: 'event', entries: [{ ...event, name: 'planted' }] },
  ];
}

function outcomeChanges(outcome: OutcomeEntry): readonly Change[] {
  const { result } = outcome;
  if (result.status !== 'done') {
    const error = canonicalValue(new Error('planted'), 'error');
    return [{ name: 'another error', kind: 'error', entries: [{ ...outcome, result: { ...result, error } }] }];
  }
  const stop: Route = { kind: 'stop' };
  const routes = [...(result.routes ?? []), stop];
  const delta = result.delta as { readonly log?: readonly Value[]; readonly total?: number } | undefined;
  const withDelta = (fields: object): readonly Entry[] => [
    { ...outcome, result: { ...result, delta: canonicalValue({ ...delta, ...fields }, 'delta') } },
  ];
  return [
    { name: 'another route', kind: 'route', entries: [{ ...outcome, result: { ...result, routes } }] },
    { name: 'an item more', kind: 'output', entries: withDelta({ log: [...(delta?.log ?? []), 'planted'] }) },
    { name: 'another number', kind: 'output', entries: withDelta({ total: (delta?.total ?? 0) + 1_000 }) },
  ];
}

function commitChanges(commit: CommitEntry): readonly Change[] {
  const changed = (fields: Partial<CommitEntry>): readonly Entry[] => [{ ...commit, ...fields }];
  const total = { kind: 'set', value: 1_000_000 } as const;
  const before = commit.patch?.kind === 'record' ? commit.patch : undefined;
  const patch = {
    kind: 'record',
    changed: { ...before?.changed, total },
    removed: before?.removed ?? [],
  } as const;
  const last = commit.frontier.at(-1);
  return [
    { name: 'a reducer that does otherwise', kind: 'state', entries: changed({ patch }) },
    {
      name: 'a task more',
      kind: 'frontier',
      entries: changed({ frontier: [...commit.frontier, { node: 'planted' }] }),
    },
    ...(last === undefined
      ? []
      : ([
          { name: 'a task less', kind: 'frontier', entries: changed({ frontier: commit.frontier.slice(0, -1) }) },
          {
            name: 'another payload',
            kind: 'frontier',
            entries: changed({ frontier: [...commit.frontier.slice(0, -1), { ...last, input: 'planted' }] }),
          },
        ] as const)),
    { name: 'other arrivals', kind: 'frontier', entries: changed({ joins: { '0': { planted: 1 } } }) },
  ];
}

function endChanges(end: EndEntry, step: number): readonly Change[] {
  const conflict = Object.assign(new Error('planted'), { name: 'RepriseError', code: 'conflict', fields: {} });
  const error = canonicalValue(conflict, 'error');
  const at = end.end.status === 'failed' && end.end.task !== undefined ? end.end.task : String(step);
  return [
    ...(end.end.status === 'cancelled'
      ? []
      : ([
          {
            name: 'a cancel',
            kind: end.end.status === 'failed' && codeOf(end.end.error) === 'conflict' ? 'conflict' : 'error',
            at,
            entries: [{ ...end, end: { status: 'cancelled', reason: 'planted' } }],
          },
        ] as const)),
    { name: 'a conflict', kind: 'conflict', at, entries: [{ ...end, end: { status: 'failed', error } }] },
  ];
}

function codeOf(error: Value): unknown {
  return (error as { readonly code?: unknown } | null | undefined)?.code;
}
