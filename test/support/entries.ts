// Arbitrary entries, one of each kind with every field that it may have.
import fc from 'fast-check';
import type { GraphDescription } from '../../src/journal/description.ts';
import type {
  AttemptResult,
  CommitEntry,
  EffectEntry,
  EndEntry,
  Entry,
  EventEntry,
  OutcomeEntry,
  Patch,
  Route,
  RunEntry,
  TaskEntry,
  TaskSpec,
} from '../../src/journal/entry.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../src/journal/key.ts';
import { graphOf } from './journals.ts';
import { bodies } from './bodies.ts';
import { values } from './values.ts';

const times = fc.integer({ min: 0, max: 2 ** 45 });
const counts = fc.integer({ min: 0, max: 100 });
const names = fc.oneof(fc.constantFrom('ask', 'answer', '__proto__', '$x'), fc.string({ minLength: 1, maxLength: 6 }));
const paths = fc.constantFrom('left#0', 'left#0/search#1', 'left#1', 'right[invoice 7]');
const spans = fc.record({ began: times, ended: times });
const moments = fc.record({ time: times });

/** An optional property is there or not; `undefined` would be a value. */
function withOptional<Base extends object, Optional extends object>(
  base: fc.Arbitrary<Base>,
  optional: { readonly [Key in keyof Optional]: fc.Arbitrary<Optional[Key]> },
): fc.Arbitrary<Base & Partial<Optional>> {
  const rest = fc.record(optional, { requiredKeys: [] });
  return fc.tuple(base, rest).map(([left, right]) => ({ ...left, ...right }) as Base & Partial<Optional>);
}

const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ kind: fc.constant('goto' as const), node: names }),
  fc.record({ kind: fc.constant('send' as const), node: names, input: values }),
  fc.constant({ kind: 'stop' as const }),
);

const tasks: fc.Arbitrary<TaskSpec> = withOptional(fc.record({ node: names }), { input: values });

export const patches: fc.Arbitrary<Patch> = fc.letrec<{ patch: Patch }>((tie) => ({
  patch: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant('set' as const), value: values }),
    fc.record({ kind: fc.constant('append' as const), items: fc.array(values, { maxLength: 2 }) }),
    fc.record({
      kind: fc.constant('record' as const),
      changed: fc.dictionary(names, tie('patch'), { maxKeys: 2, noNullPrototype: true }),
      removed: fc.array(names, { maxLength: 2 }),
    }),
  ),
})).patch;

const results: fc.Arbitrary<AttemptResult> = fc.oneof(
  withOptional(fc.record({ status: fc.constant('done' as const) }), {
    delta: values,
    routes: fc.array(routes, { maxLength: 2 }),
  }),
  fc.record({ status: fc.constantFrom('failed' as const, 'timeout' as const), error: values }),
);

export const graphs: fc.Arbitrary<GraphDescription> = fc
  .tuple(fc.array(names, { minLength: 1, maxLength: 3 }), values)
  .map(([nodes, initial]) => ({
    ...graphOf('desk', nodes),
    state: { kind: 'fields', fields: { text: { kind: 'last', required: false, initial } } },
    edges: [
      { kind: 'edge', from: 'ask', to: 'answer', conditional: true, label: 'yes' },
      { kind: 'join', from: nodes, to: 'ask' },
    ],
  }));

export const runEntries: fc.Arbitrary<RunEntry> = fc.record({
  kind: fc.constant('run' as const),
  at: fc.constant('' as const),
  graph: graphs,
  fingerprint: fc.string({ maxLength: 8 }),
  semantics: fc.constant(1),
  seed: fc.string({ maxLength: 8 }),
  observed: withOptional(fc.record({ runId: names, time: times }), { node: names }),
});

const httpValues = fc.record({ status: fc.constantFrom(200, 429), body: fc.oneof(bodies, values) });

/** The part of an effect that tells it from the others of its attempt is given by the caller. */
export function effectsAt(at: AttemptKey, occurrence: number): fc.Arbitrary<EffectEntry> {
  const outcomes = fc.oneof(
    fc.record({ kind: fc.constant('value' as const), value: fc.oneof(values, httpValues) }),
    fc.record({ kind: fc.constant('error' as const), error: values }),
  );
  return withOptional(
    fc.record({
      kind: fc.constant('effect' as const),
      at: fc.constant(at),
      type: fc.constantFrom('call' as const, 'http' as const, 'now' as const, 'sleep' as const),
      name: names,
      request: values,
      occurrence: fc.constant(occurrence),
      outcome: outcomes,
      observed: withOptional(spans, { parts: fc.array(counts, { maxLength: 3 }) }),
    }),
    { label: names, task: paths, once: fc.constant(true as const) },
  ) as fc.Arbitrary<EffectEntry>;
}

export function eventsAt(at: AttemptKey, stream: string, ordinal: number): fc.Arbitrary<EventEntry> {
  return withOptional(
    fc.record({
      kind: fc.constant('event' as const),
      at: fc.constant(at),
      name: names,
      stream: fc.constant(stream),
      ordinal: fc.constant(ordinal),
      data: values,
      observed: moments,
    }),
    { task: paths },
  );
}

/** Tasks inside the attempt, each with a path of its own. */
export function tasksAt(at: AttemptKey): fc.Arbitrary<readonly TaskEntry[]> {
  const results: fc.Arbitrary<TaskEntry['result']> = fc.oneof(
    withOptional(fc.record({ status: fc.constant('done' as const) }), { value: values }),
    fc.record({ status: fc.constant('failed' as const), error: values }),
    fc.constant({ status: 'open' as const }),
  );
  const one = withOptional(
    fc.record({
      kind: fc.constant('task' as const),
      at: fc.constant(at),
      path: paths,
      result: results,
      observed: spans,
    }),
    { input: values },
  );
  return fc.uniqueArray(one, { selector: ({ path }) => path, maxLength: 3 });
}

export function outcomesAt(at: AttemptKey): fc.Arbitrary<OutcomeEntry> {
  return fc.record({
    kind: fc.constant('outcome' as const),
    at: fc.constant(at),
    node: names,
    result: results,
    observed: spans,
  });
}

export function commitsAt(at: StepKey): fc.Arbitrary<CommitEntry> {
  return withOptional(
    fc.record({
      kind: fc.constant('commit' as const),
      at: fc.constant(at),
      frontier: fc.array(tasks, { maxLength: 3 }),
      observed: moments,
    }),
    {
      input: values,
      joins: fc.dictionary(names, fc.dictionary(names, counts, { maxKeys: 2, noNullPrototype: true }), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      patch: patches,
    },
  ) as fc.Arbitrary<CommitEntry>;
}

export function endsAt(step: number): fc.Arbitrary<EndEntry> {
  return fc.record({
    kind: fc.constant('end' as const),
    at: fc.constant('' as const),
    step: fc.constant(step),
    end: fc.oneof(
      fc.constant({ status: 'done' as const }),
      withOptional(fc.record({ status: fc.constant('failed' as const), error: values }), {
        task: fc.integer({ min: 0, max: 3 }).map((rank) => `${step + 1}.${rank}` as TaskKey),
      }),
      fc.record({ status: fc.constant('cancelled' as const), reason: values }),
    ),
    observed: withOptional(moments, { detached: fc.constant(['1.0' as TaskKey]) }),
  }) as fc.Arbitrary<EndEntry>;
}

const attempts = fc.constantFrom('1.0#1', '12.3#2', '1.0#1/2.1#1').map((key) => key as AttemptKey);
const steps = fc.constantFrom('0', '7', '1.0#1/2').map((key) => key as StepKey);

/** An entry of any kind. */
export const entries: fc.Arbitrary<Entry> = fc.oneof(
  runEntries,
  fc.tuple(attempts, counts).chain(([at, occurrence]) => effectsAt(at, occurrence)),
  fc.tuple(attempts, names, counts).chain(([at, stream, ordinal]) => eventsAt(at, stream, ordinal)),
  attempts.chain(outcomesAt),
  attempts
    .chain(tasksAt)
    .filter((tasks) => tasks.length > 0)
    .map(([task]) => task as TaskEntry),
  steps.chain(commitsAt),
  fc.integer({ min: -1, max: 9 }).chain(endsAt),
);
