// Arbitrary entries for the laws of stores: every kind, with every optional field, and with values of every kind.
import type { Arbitrary } from 'fast-check';
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { FastCheck } from '../../fast-check.ts';
import { graphOf } from '../law-entries.ts';

/** Keys that go wrong if an object is used as a dictionary. */
const oddKeys = ['a', 'b', '__proto__', 'constructor', 'toString', '$date', '$part', '$$', '1', '10', ''];

function arbitraryValues(fc: FastCheck): Arbitrary<Value> {
  const keys = fc.oneof(fc.constantFrom(...oddKeys), fc.string({ maxLength: 4 }));
  const leaves = fc.oneof(
    fc.constantFrom(undefined, null, true, false, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, '', '\ud800', '\u0000'),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 4_500, maxLength: 9_000 }),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array({ maxLength: 4 }),
    fc.string().map((message) => Object.assign(new TypeError(message), { code: 'E_ANY' })),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaves,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
      fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(tie('tree'), { maxLength: 3 }).map((items) => new Set(items)),
    ),
  }));
  return tree.map((value) => canonicalValue(value, 'value'));
}

/** Entries that a run may append, except the end of the run. */
export function arbitraryEntries(fc: FastCheck): Arbitrary<Entry> {
  const values = arbitraryValues(fc);
  const times = fc.integer({ min: 0, max: 2 ** 45 });
  const counts = fc.integer({ min: 0, max: 100 });
  const names = fc.oneof(fc.constantFrom('ask', '__proto__', '$x'), fc.string({ minLength: 1, maxLength: 6 }));
  const attempts = fc.constantFrom('1.0#1', '12.3#2', '1.0#1/2.1#1');
  const steps = fc.constantFrom('0', '7', '1.0#1/2');
  const moments = fc.record({ time: times });
  const spans = fc.record({ began: times, ended: times });
  const results = fc.oneof(
    fc.record({ status: fc.constant('done'), delta: values }, { requiredKeys: ['status'] }),
    fc.record({ status: fc.constantFrom('failed', 'timeout'), error: values }),
  );
  const outcomes = fc.oneof(
    fc.record({ kind: fc.constant('value'), value: values }),
    fc.record({ kind: fc.constant('error'), error: values }),
  );
  const effect = {
    type: fc.constantFrom('call', 'http', 'now', 'sleep', 'ask', 'receive', 'race'),
    name: names,
    request: values,
  };
  const asked = { ...effect, occurrence: counts, label: names, once: fc.constant(true) };
  const required = ['kind', 'at', 'type', 'name', 'request', 'occurrence', 'observed'] as const;
  const patches = fc.oneof(
    fc.record({ kind: fc.constant('set'), value: values }),
    fc.record({ kind: fc.constant('append'), items: fc.array(values, { maxLength: 2 }) }),
  );
  const kinds: readonly Arbitrary<object>[] = [
    fc.record(
      { kind: fc.constant('effect'), at: attempts, ...asked, outcome: outcomes, observed: spans },
      { requiredKeys: [...required, 'outcome'] },
    ),
    fc.record(
      { kind: fc.constant('begin'), at: attempts, ...asked, node: names, observed: moments },
      { requiredKeys: [...required, 'node'] },
    ),
    fc.array(fc.tuple(values, times), { minLength: 1, maxLength: 4 }).chain((chunks) =>
      fc.record({
        kind: fc.constant('chunk'),
        at: attempts,
        node: names,
        ordinal: counts,
        deltas: fc.constant(chunks.map(([delta]) => delta)),
        observed: fc.constant({ times: chunks.map(([, time]) => time) }),
      }),
    ),
    fc.record({ kind: fc.constant('restart'), at: attempts, node: names, ordinal: counts, observed: moments }),
    fc.record({
      kind: fc.constant('event'),
      at: attempts,
      name: names,
      stream: names,
      ordinal: counts,
      data: values,
      observed: moments,
    }),
    fc.record({ kind: fc.constant('outcome'), at: attempts, node: names, result: results, observed: spans }),
    fc.record(
      {
        kind: fc.constant('commit'),
        at: steps,
        input: values,
        frontier: fc.array(fc.record({ node: names, input: values }, { requiredKeys: ['node'] }), { maxLength: 3 }),
        patch: patches,
        observed: moments,
      },
      { requiredKeys: ['kind', 'at', 'frontier', 'observed'] },
    ),
    fc.record({ kind: fc.constant('edit'), at: steps, by: fc.constant('fork'), patch: patches, observed: moments }),
    fc.record({
      kind: fc.constant('edit'),
      at: steps,
      by: fc.constant('migrate'),
      patch: patches,
      graph: fc.constant(graphOf('newer')),
      fingerprint: fc.string({ maxLength: 8 }),
      from: names,
      observed: moments,
    }),
  ];
  return fc
    .oneof(...kinds)
    .map((entry) => canonicalValue(entry, 'entry', { maxBytes: Number.POSITIVE_INFINITY }) as unknown as Entry);
}
