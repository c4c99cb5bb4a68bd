// How near a run comes to the one that was recorded.
import { RunComparer } from '../../diff/compare/run-comparer.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { comparedEntries, movedIn } from '../run/comparison.ts';
import type { Exploration } from '../run/exploration.ts';
import type { FixtureSubject } from '../subject/fixture-subject.ts';
import type { ScheduledRun } from '../run/run-once.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { SubjectWorld } from '../subject/subject.ts';
import { stepLikeness } from './step-likeness.ts';

export interface Judged {
  readonly run: ScheduledRun;
  readonly isAsRecorded: boolean;
  /** The last step up to which all is right. */
  readonly right: number;
  /** How much of the step after it is. */
  readonly likeness: number;
}

/** Runs an order up to the first step that is not as recorded. */
export async function judge(exploration: Exploration, recorded: FixtureSubject, strategy: Strategy): Promise<Judged> {
  const steps = new JudgedSteps(recorded);
  const run = await exploration.runWhole(strategy, {
    onStep: (step, world) => (steps.isRight(step, world) ? undefined : 'stop'),
  });
  return steps.judgeOf(run);
}

/** Judges a run that has been made. */
export function judgeRun(recorded: FixtureSubject, run: ScheduledRun): Judged {
  const steps = new JudgedSteps(recorded);
  run.steps.every((step) => steps.isRight(step, run.world));
  return steps.judgeOf(run);
}

class JudgedSteps {
  readonly #recorded: FixtureSubject;
  readonly #redact: (step: CanonicalStep) => CanonicalStep;
  readonly #comparer = new RunComparer({ mode: 'effects' });
  #right = -1;
  #wrong: CanonicalStep | undefined;

  constructor(recorded: FixtureSubject) {
    this.#recorded = recorded;
    this.#redact = recorded.redaction();
  }

  isRight(step: CanonicalStep, world: SubjectWorld): boolean {
    if (this.#wrong !== undefined) return false;
    const redacted = this.#redact(step);
    const leeway = { readings: this.#recorded.readings, moved: movedIn(world) };
    const recorded = this.#recorded.steps[step.step]?.entries ?? [];
    const differs = this.#comparer.add(...comparedEntries(recorded, redacted.entries, leeway));
    if (differs.length === 0) this.#right = step.step;
    else this.#wrong = redacted;
    return differs.length === 0;
  }

  judgeOf(run: ScheduledRun): Judged {
    const isWhole = this.#wrong === undefined && run.run !== undefined;
    const isAsRecorded = isWhole && this.#recorded.divergences(run).length === 0;
    const right = this.#right;
    const next = this.#recorded.steps[right + 1]?.entries ?? [];
    const likeness = isAsRecorded ? 1 : stepLikeness(next, this.#wrong?.entries ?? [], run.world.missing());
    return { run, isAsRecorded, right, likeness };
  }
}
