// The chunks of one attempt: what a streaming node yields, checked, journaled, and in the end folded into its delta.
//   N1. Chunks never touch the state: the delta of the attempt does, when its step is committed.
//   N2. An attempt that is entered again gives its chunks again: those that are the same are not written again; from the
//       first that is not, what was there is void.
import { RepriseError } from '../base/error.ts';
import { sameValue } from '../base/equal.ts';
import { canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { foldChunks } from '../graph/fold-chunks.ts';
import { currentAttempt } from '../port/attempt.ts';
import type { Attempt } from './attempt.ts';

export class AttemptStream {
  readonly #attempt: Attempt;
  readonly #chunks: Value[] = [];
  /** What the journal holds of an attempt that was entered before a crash, as long as the same comes again. */
  #known: readonly Value[];
  #generator: AsyncGenerator<unknown, unknown> | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
    this.#known = attempt.setup.world.chunks ?? [];
  }

  /** Pulls a generator to its end; gives what it returns. */
  async drive(generator: AsyncGenerator<unknown, unknown>): Promise<unknown> {
    this.#generator = generator;
    const { core } = this.#attempt.setup;
    for (;;) {
      const { value, done } = await generator.next();
      if (done === true) return value;
      // The node waits at its `yield`: what it has in its hand is given when there is room.
      for (let room = core.readers?.room(); room !== undefined && this.#attempt.isOpen; room = core.readers?.room()) {
        core.chunks.hurry();
        await this.#attempt.pausedFor(room);
      }
      // Aborted meanwhile: `stop` has told the generator, which may still yield what it had under way.
      if (this.#attempt.isOpen) this.push(value);
    }
  }

  /** Gives a chunk at once: from a callback, where nobody can wait, or where there is room. */
  push(given: unknown): void {
    if (this.add(given)) this.#attempt.setup.core.readers?.gave();
  }

  /** Tells whether it is a new one, and not one that a re-entered attempt gives again. */
  add(given: unknown): boolean {
    const { core, graph, node } = this.#attempt.setup;
    const chunk = canonicalValue(given, `a chunk of node "${node.name}"`, core.limits);
    if (chunk === undefined) {
      throw new RepriseError('node-output-invalid', `node "${node.name}" yielded nothing`, {
        nextStep: 'Yield a partial delta: an object with some fields of the state.',
        fields: { node: node.name },
      });
    }
    core.checkDelta(graph, chunk, node.name);
    const ordinal = this.#chunks.length;
    this.#chunks.push(chunk);
    if (ordinal < this.#known.length) {
      if (sameValue(this.#known[ordinal], chunk)) return false;
      this.#known = [];
    }
    core.chunks.add(this.#attempt.at, node.name, ordinal, chunk);
    return true;
  }

  /** The delta of an attempt that ended: what it returned, and its chunks for the fields that it does not name. */
  delta(returned: Value): Value {
    if (this.#chunks.length < this.#known.length) {
      this.#attempt.setup.core.chunks.truncate(this.#attempt.at, this.#attempt.node, this.#chunks.length);
      this.#known = [];
    }
    if (this.#chunks.length === 0) return returned;
    const { graph, node, core } = this.#attempt.setup;
    if (graph.state.kind === 'function') return returned ?? foldChunks(graph.state, node, this.#chunks);
    const folded = canonicalValue(
      { ...(foldChunks(graph.state, node, this.#chunks) as object), ...(returned as object | undefined) },
      `the delta of node "${node.name}"`,
      core.limits,
    );
    core.checkDelta(graph, folded, node.name);
    return folded;
  }

  /** The attempt was stopped: its generator comes to its end, `finally` blocks included. */
  stop(): void {
    // It may be waiting in an `await` of its own, and then hears of this when that is over.
    const generator = this.#generator;
    if (generator === undefined) return;
    currentAttempt.run(this.#attempt, () => generator.return(undefined).catch(() => undefined));
  }
}

export function isGenerator(returned: unknown): returned is AsyncGenerator<unknown, unknown> {
  if (typeof returned !== 'object' || returned === null) return false;
  const { next, [Symbol.asyncIterator]: iterate } = returned as Partial<AsyncGenerator<unknown, unknown>>;
  return typeof next === 'function' && typeof iterate === 'function';
}
