// The chunks of one attempt: what a streaming node yields, checked, journaled, and in the end folded into its delta.
//   N1. Chunks never touch the state: the delta of the attempt does, when its step is committed.
//   N2. An attempt that is entered again gives its chunks again. Those that are the same are not written again; from the
//       first that is not, what the journal held is void.
//   N3. A chunk is copied once and folded once: journal, readers and delta share that copy and that fold.
import { sameValue } from '../../../base/equal.ts';
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { foldChunks, needsAccumulate } from '../../../graph/merge/fold-chunks.ts';
import { checkDelta } from '../../../graph/merge/merge-step.ts';
import { Accumulator } from '../../../journal/fold/accumulator.ts';
import { currentAttempt } from '../../../port/attempt.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { itsTurn } from '../../run/run-parts.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** How the chunks become a delta. */
type Folding =
  | { readonly kind: 'fields'; readonly accumulator: Accumulator }
  /** Only user code can fold them, so all of them are kept. */
  | { readonly kind: 'user'; readonly chunks: Value[] };

export class ChunkStream {
  readonly #setup: AttemptSetup;
  readonly #life: AttemptLife;
  readonly #attempt: CurrentAttempt;
  readonly #folding: Folding;
  readonly #path: string;
  #count = 0;
  /** What the journal holds of an attempt that was entered before a crash, as long as the same comes again. */
  #known: readonly Value[];
  #generator: AsyncGenerator<unknown, unknown> | undefined;

  constructor(setup: AttemptSetup, life: AttemptLife, attempt: CurrentAttempt) {
    this.#setup = setup;
    this.#life = life;
    this.#attempt = attempt;
    const { graph, node, world } = setup;
    this.#known = world.chunks ?? [];
    this.#path = `a chunk of node "${node.name}"`;
    this.#folding =
      graph.state.kind === 'function' || node.policy.accumulate !== undefined
        ? { kind: 'user', chunks: [] }
        : { kind: 'fields', accumulator: new Accumulator(graph.description.state) };
  }

  /** Pulls a generator to its end; gives what it returns. */
  async drive(generator: AsyncGenerator<unknown, unknown>): Promise<unknown> {
    this.#generator = generator;
    const { parts, key } = this.#setup;
    const { readers, journal, pace, oracle } = parts;
    const isControlled = oracle.isControlled === true;
    for (;;) {
      if (pace.isTurnOver()) await pace.pause();
      const { value, done } = await generator.next();
      if (done === true) return value;
      // The node waits at its `yield`: the chunk in its hand is given when there is room.
      for (let room = readers?.room(); room !== undefined && this.#life.isOpen; room = readers?.room()) {
        journal.chunks.hurry();
        await this.#life.pausedFor(room);
      }
      if (isControlled) await itsTurn(parts, 'chunk', key, { place: this.#count });
      // Stopped meanwhile: `stop` has told the generator, which may still yield what it had under way.
      if (this.#life.isOpen) this.push(value);
    }
  }

  /** Gives a chunk at once: from a callback, where nobody can wait, or where there is room. */
  push(given: unknown): void {
    const chunk = this.#checked(given);
    const ordinal = this.#count;
    this.#count += 1;
    const segment = this.#folding.kind === 'fields' ? this.#folding.accumulator.add(chunk) : undefined;
    if (this.#folding.kind === 'user') this.#folding.chunks.push(chunk);
    if (this.#isKnown(ordinal, chunk)) return;
    const { parts, world, node, key } = this.#setup;
    const { chunks } = parts.journal;
    if (world.keepBack?.(() => chunks.add(key, node.name, ordinal, chunk, segment)) !== true)
      chunks.add(key, node.name, ordinal, chunk, segment);
    parts.readers?.gave();
  }

  #checked(given: unknown): Value {
    const { parts, graph, node } = this.#setup;
    const chunk = canonicalValue(given, this.#path, parts.settings);
    if (chunk === undefined) {
      throw new RepriseError('node-output-invalid', `node "${node.name}" yielded nothing`, {
        nextStep: 'Yield a partial delta: an object with some fields of the state.',
        fields: { node: node.name },
      });
    }
    checkDelta(graph.state, chunk, node.name);
    return chunk;
  }

  /** Whether the journal holds it already, from before the attempt was entered again. */
  #isKnown(ordinal: number, chunk: Value): boolean {
    if (ordinal >= this.#known.length) return false;
    if (sameValue(this.#known[ordinal], chunk)) return true;
    this.#known = [];
    return false;
  }

  /** The delta of an attempt that ended: what it returned, and its chunks for the fields that it does not name. */
  delta(returned: Value): Value {
    if (this.#count < this.#known.length) {
      this.#setup.parts.journal.chunks.truncate(this.#setup.key, this.#setup.node.name, this.#count);
      this.#known = [];
    }
    if (this.#count === 0) return returned;
    const { graph, node, parts } = this.#setup;
    if (graph.state.kind === 'function') return returned ?? this.#folded(returned);
    const folded = canonicalValue(
      { ...(this.#folded(returned) as object), ...(returned as object | undefined) },
      `the delta of node "${node.name}"`,
      parts.settings,
    );
    checkDelta(graph.state, folded, node.name);
    return folded;
  }

  #folded(returned: Value): Value {
    const { node } = this.#setup;
    if (this.#folding.kind === 'user') return foldChunks(node, this.#folding.chunks);
    const { delta, unfoldable } = this.#folding.accumulator.fold;
    const missing = unfoldable.find((name) => !Object.hasOwn((returned as object | undefined) ?? {}, name));
    if (missing !== undefined) throw needsAccumulate(node.name, `field "${missing}"`);
    return delta;
  }

  /** The attempt was stopped: its generator comes to its end, `finally` blocks included. */
  stop(): void {
    // A generator that waits in an `await` of its own learns of this when that is over.
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
