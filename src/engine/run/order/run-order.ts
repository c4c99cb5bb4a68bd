// The order of one run: numbers for what happens, the recorded order that is followed, and when all is quiet.
import type { EventLoop, Quiet } from '../../../port/event-loop.ts';
import type { RecordedOrder } from '../../../port/world.ts';
import { AttemptOrder } from './attempt-order.ts';
import { FollowedOrder } from './followed-order.ts';
import { StepOrder } from './step-order.ts';

/** Runs of version 1 keep no numbers. */
const semanticsWithOrder = 2;

export class RunOrder {
  readonly #loop: EventLoop;
  readonly quiet: Quiet;
  readonly numbers: StepOrder;
  readonly attempts: AttemptOrder;
  readonly followed: FollowedOrder;

  constructor(loop: EventLoop, semantics: number) {
    this.#loop = loop;
    this.quiet = loop.watch();
    this.numbers = new StepOrder(semantics >= semanticsWithOrder);
    this.attempts = new AttemptOrder(this.numbers);
    this.followed = new FollowedOrder(loop, this.quiet);
  }

  /** The turn of the event loop: an answer may come in that of its question. */
  get turn(): number {
    return this.#loop.turn();
  }

  /** Whether the step that is open is replayed: its order says when what was recorded happens, and no time does. */
  get isReplayed(): boolean {
    return this.numbers.isKept && this.followed.isReplay;
  }

  /** A step of the run itself begins. */
  openStep(recorded: RecordedOrder | undefined): void {
    const first = recorded?.next ?? 0;
    this.numbers.openStep(first);
    this.attempts.openStep(first);
    this.followed.openStep(recorded);
  }
}
