// Ends a replay in which nothing happens any more. The code of a node may wait for something that no recording holds: an
// answer to what was refused, a flag that nobody sets. It would wait for ever.
//   W1. A replay that comes along is never looked at: only one in which nothing has stirred between two looks.
//   W2. What may still come from where nobody sees (native code, another thread) is named first, and waited for once more.
import { RepriseError } from '../../base/error.ts';
import { realClearTimeout, realSetTimeout } from '../../live/event-loop/real-timers.ts';
import type { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import { placeOfTurns } from '../../live/event-loop/node-work.ts';
import type { StartedAttempt } from '../../port/world.ts';

const lookMs = 500;
/** How often all has to be quiet for as long as something unseen may take. */
const restsMax = 2;

export class StallWatch {
  readonly #quiet: RunQuiet;
  readonly #started: () => Iterable<StartedAttempt>;
  #timer: NodeJS.Timeout | undefined;
  #seen = -1;
  #restCount = 0;
  #withdraw: (() => void) | undefined;

  constructor(quiet: RunQuiet, started: () => Iterable<StartedAttempt>) {
    this.#quiet = quiet;
    this.#started = started;
  }

  begin(): void {
    this.#timer = realSetTimeout(() => this.#look(), lookMs);
  }

  end(): void {
    realClearTimeout(this.#timer);
    this.#withdraw?.();
  }

  #look(): void {
    if (this.#withdraw === undefined && this.#quiet.stirCount === this.#seen) this.#awaitRest();
    this.#seen = this.#quiet.stirCount;
    this.begin();
  }

  #awaitRest(): void {
    this.#withdraw = this.#quiet.when({ rank: 'stalled', due: 0, go: () => this.#rested() });
    this.#seen = this.#quiet.stirCount;
  }

  #rested(): void {
    this.#withdraw = undefined;
    // One stir is that of this call.
    const isUndisturbed = this.#quiet.stirCount === this.#seen + 1;
    this.#restCount = isUndisturbed ? this.#restCount + 1 : 1;
    const stalled = [...this.#started()].find(({ isOpen, isWaiting }) => isOpen && !isWaiting);
    if (stalled === undefined) return;
    const where = placeOfTurns(this.#quiet);
    this.#quiet.nameUncontrolled(`node "${stalled.node}" (${stalled.at})${where === undefined ? '' : `, ${where}`}`);
    if (this.#restCount < restsMax) this.#awaitRest();
    else stalled.threw(stalledError(stalled, where));
  }
}

function stalledError({ node, at }: StartedAttempt, where: string | undefined): RepriseError {
  const waits = where === undefined ? 'waits for something' : `goes round and round for something (${where})`;
  const error = new RepriseError(
    'replay-stalled',
    `node "${node}" ${waits} that the recording does not hold, and nothing else is left to happen`,
    {
      nextStep:
        'Look at what was refused, and at what the node waits for: wrap it in `context.effect`, and record the run again.',
      fields: { node, at },
    },
  );
  // Nobody called: what is known of the place is where it waits for the next turn.
  error.stack = `${error.name}: ${error.message}\n    ${where ?? ''}`;
  return error;
}
