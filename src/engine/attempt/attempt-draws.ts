// The random numbers of one attempt: each name has a stream of its own, derived from the seed of the run and the key of
// the attempt.
import { drawStream } from '../../base/draw.ts';
import type { DrawStream } from '../../base/draw.ts';
import type { AttemptSetup } from './attempt-setup.ts';

export class AttemptDraws {
  readonly #setup: AttemptSetup;
  readonly #streams = new Map<string, DrawStream>();

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** `task`: the path of the task that draws, whose streams are its own. */
  stream(name: string, task: string | undefined): DrawStream {
    const place = task === undefined ? `:${name}` : `>${task}:${name}`;
    let draws = this.#streams.get(place);
    if (draws === undefined) {
      const { parts, world } = this.#setup;
      draws = drawStream(parts.seed.current, world.drawKey + place);
      this.#streams.set(place, draws);
    }
    return draws;
  }
}
