// A recorded run as the world of a process that resumes it: what its journal holds has been given already.
import type { GraphSpec } from '../../graph/spec.ts';
import type { TaskSpec } from '../../journal/entry.ts';
import type { StepKey } from '../../journal/key.ts';
import type { StepPlan } from '../../port/world.ts';
import type { FixtureWorldOptions } from '../../replay/world/fixture-world-options.ts';
import { FixtureWorld } from '../../replay/world/fixture-world.ts';
import type { Recording } from '../../replay/recorded/recording.ts';
import type { ResumedFrom } from '../subject/subject.ts';

export class ResumedFixtureWorld extends FixtureWorld {
  readonly #recording: Recording;
  #open: ResumedFrom['open'];

  constructor(recording: Recording, today: GraphSpec, options: FixtureWorldOptions, { step, open }: ResumedFrom) {
    for (let number = 1; number <= step; number += 1) recording.openStep(number);
    super(recording, today, options);
    this.#recording = recording;
    this.#open = open;
  }

  override openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
    const plan = super.openStep(at, tasks);
    for (const entry of this.#open) if (entry.kind === 'effect') this.#recording.step?.attempt(entry.at)?.take(entry);
    this.#open = [];
    return plan;
  }
}
