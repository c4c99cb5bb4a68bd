// What the chunks of a task come to: a delta that merges as all of them would.
import { RepriseError } from '../base/error.ts';
import { canonicalRecord, canonicalValue, ownView } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { accumulateBuiltIn, mergeAllBuiltIn } from '../journal/built-in-field.ts';
import type { RecordValue } from '../journal/record-value.ts';
import type { FieldSpec, NodeSpec, StateSpec } from './spec.ts';

/**
 * Folds chunks by the node's `accumulate`, or field by field.
 *
 * @throws RepriseError `node-output-invalid` where a field has no fold of its own and the node has no `accumulate`
 */
export function foldChunks(spec: StateSpec, node: NodeSpec, chunks: readonly Value[]): Value {
  const { accumulate } = node.policy;
  if (accumulate !== undefined) return accumulated(accumulate, chunks, node.name);
  if (chunks.length === 1) return chunks[0];
  if (spec.kind === 'function') throw needsAccumulate(node.name, 'the state');
  const writes = new Map<string, Value[]>();
  for (const chunk of chunks as readonly RecordValue[]) {
    for (const name of Object.keys(chunk)) {
      const list = writes.get(name);
      if (list === undefined) writes.set(name, [chunk[name]]);
      else list.push(chunk[name]);
    }
  }
  return canonicalRecord(
    [...writes].map(([name, list]) => [name, foldField(spec.fields.get(name) as FieldSpec, list, node.name)] as const),
  );
}

function foldField(field: FieldSpec, chunks: readonly Value[], node: string): Value {
  const { description, name } = field;
  const [first, ...rest] = chunks;
  const path = `delta.${name}`;
  if (rest.length === 0) return first;
  switch (description.kind) {
    case 'reduce':
      throw needsAccumulate(node, `field "${name}"`);
    case 'text':
      return chunks.join('');
    case 'union':
      return accumulateBuiltIn(
        description,
        first,
        rest.flatMap((items) => [...(items as Iterable<Value>)]),
        path,
      );
    case 'upsert':
      // By key where the records are merged; in order here.
      return mergeAllBuiltIn({ ...description, kind: 'append' }, first, rest, path);
    default:
      return mergeAllBuiltIn(description, first, rest, path);
  }
}

function accumulated(
  accumulate: (delta: never, chunk: never) => unknown,
  chunks: readonly Value[],
  node: string,
): Value {
  let delta: Value;
  for (const chunk of chunks) {
    try {
      delta = canonicalValue(accumulate(ownView(delta) as never, ownView(chunk) as never), 'what accumulate returned');
    } catch (cause) {
      throw new RepriseError('node-output-invalid', `accumulate of node "${node}" threw an error`, {
        nextStep:
          'It gets the delta so far (undefined at first) and a chunk, both frozen, and returns the delta with it.',
        cause,
        fields: { node },
      });
    }
  }
  return delta;
}

function needsAccumulate(node: string, what: string): RepriseError {
  return new RepriseError(
    'node-output-invalid',
    `node "${node}" gave several chunks for ${what}, which cannot be folded`,
    {
      nextStep: 'Give the node an option `accumulate: (delta, chunk) => delta`, or return the whole delta at its end.',
      fields: { node },
    },
  );
}
