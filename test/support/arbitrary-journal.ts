// Arbitrary whole journals: every way in which steps, attempts, effects, events and inner runs can follow each other.
import fc from 'fast-check';
import type { Value } from '../../src/base/value.ts';
import { effectIdentity } from '../../src/journal/effect-identity.ts';
import type { AttemptResult, EffectEntry, Entry, EventEntry, RunEnd, TaskEntry } from '../../src/journal/entry.ts';
import type { TaskKey } from '../../src/journal/key.ts';
import { bodies } from './bodies.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  graphOf,
  httpEffect,
  outcomeEntry,
  runEntry,
  taskEntry,
} from './journals.ts';
import { smallValues, values } from './values.ts';

/** Node `inner` is a subgraph, `rescued` hands its failures on. */
export const journalGraph = {
  ...graphOf('desk', ['plain']),
  nodes: [
    { name: 'plain', takesInput: false },
    {
      name: 'inner',
      takesInput: false,
      subgraph: {
        ...graphOf('child', ['plain']),
        nodes: [
          { name: 'plain', takesInput: false },
          { name: 'rescued', takesInput: false, onError: 'plain' },
        ],
      },
    },
  ],
};

interface EffectShape {
  readonly kind: 'call' | 'now' | 'http' | 'bytes';
  readonly request: Value;
  readonly label: string | undefined;
  readonly task: string | undefined;
  readonly text: string;
  readonly value: Value;
}

interface AttemptShape {
  readonly effects: readonly EffectShape[];
  readonly events: readonly { readonly stream: string; readonly task: string | undefined; readonly data: Value }[];
  readonly tasks: readonly { readonly path: string; readonly result: TaskEntry['result'] }[];
  readonly status: AttemptResult['status'];
  readonly value: Value;
  /** The steps of an inner run, the last of them not committed. */
  readonly inner: readonly StepShape[];
}

interface TaskShape {
  readonly node: 'plain' | 'rescued';
  readonly attempts: readonly AttemptShape[];
}

interface StepShape {
  readonly tasks: readonly TaskShape[];
  readonly value: Value;
}

export interface Journal {
  readonly entries: readonly Entry[];
  /** The entries of each step in their places, so that a test can mix a step's entries. */
  readonly steps: readonly (readonly Entry[])[];
}

const paths = fc.constantFrom(undefined, undefined, 'left#0', 'left#0/in[a]', 'left#1');
const taskResults: fc.Arbitrary<TaskEntry['result']> = fc.oneof(
  values.map((value) => ({ status: 'done' as const, value })),
  values.map((error) => ({ status: 'failed' as const, error })),
  fc.constantFrom({ status: 'done' as const }, { status: 'open' as const }),
);

const shapes = fc.letrec<{ readonly step: StepShape; readonly task: TaskShape; readonly attempt: AttemptShape }>(
  (tie) => ({
    step: fc.record({ tasks: fc.array(tie('task'), { maxLength: 3 }), value: values }),
    task: fc.record({
      node: fc.constantFrom('plain' as const, 'rescued' as const),
      attempts: fc.array(tie('attempt'), { minLength: 1, maxLength: 2 }),
    }),
    attempt: fc.record({
      effects: fc.array(
        fc.record({
          kind: fc.constantFrom('call', 'now', 'http', 'bytes'),
          request: smallValues,
          label: fc.option(fc.constantFrom('', 'a'), { nil: undefined }),
          task: paths,
          text: bodies,
          value: values,
        }),
        { maxLength: 3 },
      ),
      events: fc.array(fc.record({ stream: fc.constantFrom('', 'a', 'b'), task: paths, data: smallValues }), {
        maxLength: 3,
      }),
      tasks: fc.uniqueArray(
        fc.record({ path: fc.constantFrom('left#0', 'left#0/in[a]', 'left#1'), result: taskResults }),
        {
          selector: ({ path }) => path,
          maxLength: 3,
        },
      ),
      status: fc.constantFrom('done', 'done', 'failed', 'timeout'),
      value: values,
      inner: fc.oneof({ maxDepth: 2, depthSize: 'small' }, fc.constant([]), fc.array(tie('step'), { maxLength: 2 })),
    }),
  }),
);

const ends = fc.constantFrom('done', 'failed', 'conflict', 'limit', 'cancelled', 'none');

/** A journal as a store holds it, and how it ends. */
export const journals: fc.Arbitrary<Journal> = fc
  .record({ steps: fc.array(shapes.step, { maxLength: 3 }), last: shapes.step, end: ends, rank: fc.nat({ max: 2 }) })
  .map(({ steps, last, end, rank }) => {
    const whole = steps.map((step, index) => [
      ...stepEntries(step, '', index + 1),
      commitEntry(String(index + 1), { frontier: [{ node: 'plain', input: step.value }] }),
    ]);
    const open = stepEntries(last, '', steps.length + 1);
    const first = [commitEntry('0', { input: { text: 'hi' } })];
    const all = [first, ...whole, open];
    const head = [runEntry('run-1', journalGraph)];
    const tail = end === 'none' ? [] : [endEntry({ step: steps.length, end: endOf(end, steps.length + 1, rank) })];
    return { entries: [...head, ...all.flat(), ...tail], steps: [head, ...all, tail] };
  });

function endOf(end: string, step: number, rank: number): RunEnd {
  const error = { code: end === 'limit' ? 'limit-reached' : end };
  if (end === 'done') return { status: 'done' };
  if (end === 'cancelled') return { status: 'cancelled', reason: 'enough' };
  return { status: 'failed', error, ...(end === 'failed' ? { task: `${step}.${rank}` as TaskKey } : {}) };
}

function stepEntries(step: StepShape, scope: string, number: number): readonly Entry[] {
  return step.tasks.flatMap((task, rank) =>
    task.attempts.flatMap((attempt, index) => attemptEntries(attempt, task, `${scope}${number}.${rank}#${index + 1}`)),
  );
}

function attemptEntries(attempt: AttemptShape, task: TaskShape, at: string): readonly Entry[] {
  const isInner = attempt.inner.length > 0;
  const node = isInner && !at.includes('/') ? 'inner' : task.node;
  const inner = attempt.inner.flatMap((step, index) => [
    ...stepEntries(step, `${at}/`, index + 1),
    ...(index + 1 === attempt.inner.length ? [] : [commitEntry(`${at}/${index + 1}`)]),
  ]);
  return [
    ...(isInner ? [commitEntry(`${at}/0`, { input: { text: '' } })] : []),
    ...inner,
    ...numberedEvents(attempt, at),
    ...numberedEffects(attempt, at),
    ...attempt.tasks.map(({ path, result }) => taskEntry(at, { path, result })),
    outcomeEntry(at, { node, result: resultOf(attempt) }),
  ];
}

function resultOf({ status, value }: AttemptShape): AttemptResult {
  return status === 'done' ? { status, delta: { text: value } } : { status, error: value };
}

function numberedEvents(attempt: AttemptShape, at: string): readonly EventEntry[] {
  const ordinals = new Map<string, number>();
  return attempt.events.map(({ stream, task, data }) => {
    const place = `${task} ${stream}`;
    const ordinal = ordinals.get(place) ?? 0;
    ordinals.set(place, ordinal + 1);
    return eventEntry(at, { stream, ordinal, data, ...(task === undefined ? {} : { task }) });
  });
}

function numberedEffects(attempt: AttemptShape, at: string): readonly EffectEntry[] {
  const occurrences = new Map<string, number>();
  return attempt.effects.map((shape) => {
    const effect = {
      ...effectOf(shape, at),
      ...(shape.label === undefined ? {} : { label: shape.label }),
      ...(shape.task === undefined ? {} : { task: shape.task }),
    };
    const identity = effectIdentity(effect);
    const occurrence = occurrences.get(identity) ?? 0;
    occurrences.set(identity, occurrence + 1);
    return { ...effect, occurrence };
  });
}

function effectOf({ kind, request, text, value }: EffectShape, at: string): EffectEntry {
  const observed = { began: 1, ended: 2, parts: [text.length] };
  switch (kind) {
    case 'call':
      return effectEntry(at, { request, outcome: { kind: 'value', value } });
    case 'now':
      return effectEntry(at, { type: 'now', name: '', request, outcome: { kind: 'error', error: value } });
    case 'http':
      return { ...httpEffect(at, text), request, observed };
    case 'bytes':
      return {
        ...httpEffect(at, ''),
        request,
        observed,
        outcome: { kind: 'value', value: { body: Buffer.from(text) as unknown as Value } },
      };
  }
}
