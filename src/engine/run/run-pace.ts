// Lets the rest of the process have its turn of the event loop while a run works without waiting for anything.
//   P1. It decides when something of the run happens, and never what or in which order.
//   P2. A run that waits for its turn is not at rest.
import type { EventLoop, Quiet } from '../../port/event-loop.ts';
import type { RunStop } from './run-stop.ts';

export class RunPace {
  readonly #loop: EventLoop;
  readonly #quiet: Quiet;
  readonly #stop: RunStop;

  constructor(loop: EventLoop, quiet: Quiet, stop: RunStop) {
    this.#loop = loop;
    this.#quiet = quiet;
    this.#stop = stop;
  }

  /** Whether the run should wait for a later turn before it does more. */
  isTurnOver(between?: 'pieces'): boolean {
    return this.#loop.isTurnOver(between);
  }

  /** Something to wait for if the run should. */
  pause(): Promise<void> | undefined {
    return this.isTurnOver() ? new Promise((resolve) => this.inLaterTurn(resolve)) : undefined;
  }

  inLaterTurn(callback: () => void): void {
    const release = this.#quiet.hold();
    this.#loop.inLaterTurn(() => {
      release();
      try {
        callback();
      } catch (fault) {
        this.#stop.fail('faulty', fault);
      }
    });
  }
}
