// When the attempts of a step that are entered again only to clean up are at rest, so that nothing more is expected of them.
//   R1. At rest means: all is quiet, with everything recorded delivered, and stays so for a while.
//   R2. Attempts rest together, and are told together: more of them rest no longer.
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';

/** How long the attempts of the step may ask for nothing, in milliseconds. */
const restMs = 1_000;

export class StepRest {
  #activity = 0;
  #resting: (() => void)[] = [];

  /** How often an attempt of the step has begun to rest or asked for something. */
  get activity(): number {
    return this.#activity;
  }

  act(): void {
    this.#activity += 1;
  }

  /** Calls back once the attempts are at rest. */
  when(quiet: Quiet, clock: Clock, callback: () => void): void {
    this.act();
    this.#resting.push(callback);
    if (this.#resting.length === 1) this.#watch(quiet, clock);
  }

  #watch(quiet: Quiet, clock: Clock): void {
    const whenQuiet = (go: () => void): void => {
      quiet.when({ rank: 'timer', due: Number.MAX_SAFE_INTEGER, go });
    };
    const look = (activity: number): void => {
      if (activity === this.#activity) this.#tell();
      else this.#watch(quiet, clock);
    };
    whenQuiet(() => {
      const activity = this.#activity;
      clock.setTimer(restMs, () => whenQuiet(() => look(activity)));
    });
  }

  #tell(): void {
    const resting = this.#resting;
    this.#resting = [];
    for (const tell of resting) tell();
  }
}
