// The random numbers of one attempt: each name has a stream of its own, derived from the seed of the run and the key of
// the attempt.
import { drawStream } from '../../../base/draw.ts';
import type { DrawStream } from '../../../base/draw.ts';
import type { RecordedReads } from '../../../port/world.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** `given` is told of each value. */
function told(draws: DrawStream, given: RecordedReads['given']): DrawStream {
  if (given === undefined) return draws;
  const tell = <Drawn extends number | string>(value: Drawn): Drawn => {
    given('context', value);
    return value;
  };
  return { ...draws, next: () => tell(draws.next()), uuid: () => tell(draws.uuid()) };
}

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
      draws = told(drawStream(parts.seed.current, world.drawKey + place), world.reads?.given);
      this.#streams.set(place, draws);
    }
    return draws;
  }
}
