// How first in, first out compares with what was recorded.
import type { Divergence } from '../../diff/divergence.ts';
import { replay } from '../../replay/replay.ts';
import type { Exploration } from '../run/exploration.ts';
import { asksInVain } from '../run/open-step.ts';
import { FixtureSubject } from '../subject/fixture-subject.ts';

export class BesideRecording {
  readonly #exploration: Exploration;
  #isInVain: Promise<boolean> | undefined;

  constructor(exploration: Exploration) {
    this.#exploration = exploration;
  }

  /** Empty for an input: it has no recording. */
  divergences(): readonly Divergence[] {
    const { first, subject } = this.#exploration;
    return subject instanceof FixtureSubject ? subject.divergences(first) : [];
  }

  /** If the run comes out as recorded in its own order, the order is what makes the difference. */
  async isOrder(): Promise<boolean> {
    const { subject } = this.#exploration;
    const { report } = await replay(await subject.makeGraph(), subject.fixture as string);
    return report.verdict === 'same';
  }

  /**
   * Whether first in, first out asks for what is not recorded, and the order is why. What is compared with it would be one run
   * that asks in vain beside another.
   */
  asksInVain(): Promise<boolean> {
    this.#isInVain ??= this.#lookedUp();
    return this.#isInVain;
  }

  async #lookedUp(): Promise<boolean> {
    return asksInVain(this.#exploration.first) && this.divergences().length > 0 && (await this.isOrder());
  }
}
