import { RunPace } from '../../src/engine/run/run-pace.ts';
import { RunStop } from '../../src/engine/run/run-stop.ts';
import { liveEventLoop } from '../../src/live/event-loop/event-loop.ts';

/** Turns of the event loop that end when a test says so. */
export class GivenTurns extends RunPace {
  isOver = false;
  #waiting: (() => void)[] = [];

  constructor() {
    super(liveEventLoop, liveEventLoop.watch(), new RunStop('run'));
  }

  override isTurnOver(): boolean {
    return this.isOver;
  }

  override inLaterTurn(callback: () => void): void {
    this.#waiting.push(callback);
  }

  next(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }
}
