// Folds the chunks of a task that only user code can fold.
import { RepriseError } from '../../base/error.ts';
import { ownView } from '../../base/own-view.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { NodeSpec } from '../spec.ts';

/**
 * Folds chunks with the `accumulate` of the node. Without it, a single chunk is its own fold.
 *
 * @throws RepriseError `node-output-invalid`
 */
export function foldChunks({ policy, name }: NodeSpec, chunks: readonly Value[]): Value {
  const { accumulate } = policy;
  if (accumulate === undefined) {
    if (chunks.length === 1) return chunks[0];
    throw needsAccumulate(name, 'the state');
  }
  let delta: Value;
  for (const chunk of chunks) {
    try {
      delta = canonicalValue(accumulate(ownView(delta) as never, ownView(chunk) as never), 'what accumulate returned');
    } catch (cause) {
      throw new RepriseError('node-output-invalid', `accumulate of node "${name}" threw an error`, {
        nextStep: 'It gets the delta so far (undefined at first) and a chunk, both frozen, and returns the new delta.',
        cause,
        fields: { node: name },
      });
    }
  }
  return delta;
}

export function needsAccumulate(node: string, what: string): RepriseError {
  return new RepriseError(
    'node-output-invalid',
    `node "${node}" gave several chunks for ${what}, which cannot be folded`,
    {
      nextStep: 'Give the node the option `accumulate: (delta, chunk) => delta`, or return the whole delta at its end.',
      fields: { node },
    },
  );
}
