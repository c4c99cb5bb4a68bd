// The steps of a recorded run, each with what the run has come to by its end.
import { inPieces } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { RunEnd, RunEntry, TaskSpec } from '../../journal/entry.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { StepIndex } from '../../journal/step/step-index.ts';

export interface ReadStep extends Pick<CanonicalStep, 'step' | 'beside'> {
  readonly index: StepIndex;
  readonly run: RunEntry | undefined;
  /** The tasks that follow. */
  readonly frontier: readonly TaskSpec[];
  readonly end: RunEnd | undefined;
  /** Few replays look at it. */
  readonly state: () => Value;
}

/** One step at a time. */
export function* readSteps(steps: Iterable<CanonicalStep>): Generator<ReadStep> {
  for (const piece of readStepsInPieces(steps)) if (piece !== undefined) yield piece;
}

/** The same, with pieces of the work between the steps, as `steps` may have them. */
export function* readStepsInPieces(steps: Iterable<CanonicalStep | undefined>): Generator<ReadStep | undefined> {
  const fold = new RunFold();
  for (const piece of steps) {
    if (piece === undefined) {
      yield undefined;
      continue;
    }
    const { step, entries, beside } = piece;
    yield* inPieces(entries, (entry) => fold.add(entry));
    const index = yield* StepIndex.inPieces(entries, beside);
    const { run, frontier, end } = fold;
    yield { step, beside, index, run, frontier, end, state: fold.stateLater() };
  }
}

/** The steps of a run that is replayed again and again: they are read once, and nothing of them has been asked for yet. */
export class SharedSteps {
  readonly #steps: readonly ReadStep[];

  constructor(steps: Iterable<CanonicalStep>) {
    this.#steps = [...readSteps(steps)];
  }

  *again(): Generator<ReadStep> {
    for (const read of this.#steps) yield { ...read, index: read.index.again() };
  }
}
