// What came only after its attempt had ended when it was recorded: the answers of exchanges that outlived it, or what was
// left of them.
//   B1. It comes once the attempt has ended, in the order in which it ended then, each thing in a turn of its own.
//   B2. Code that waits for it before that, and for nothing else, is other code. It gets it once all is quiet.
import type { BodyPace } from '../../../port/attempt.ts';
import type { Outlived } from '../../../port/world.ts';
import type { RunOrder } from '../../run/order/run-order.ts';

interface Left {
  readonly place: number;
  readonly give: () => void;
  readonly withdraw: () => void;
}

export class LeftBehind {
  readonly #order: Pick<RunOrder, 'followed' | 'quiet'>;
  #left: Set<Left> | undefined;
  #atEnd: (() => void)[] | undefined;
  #isOver = false;

  constructor(order: Pick<RunOrder, 'followed' | 'quiet'>) {
    this.#order = order;
  }

  /** Whether its attempt has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** `place`: among all that outlived their attempts. */
  add(place: number, give: () => void): void {
    const go = (): void => {
      this.#left?.delete(left);
      give();
    };
    const withdraw = this.#order.quiet.when({ rank: 'unmet', due: Number.POSITIVE_INFINITY, go });
    const left: Left = { place, give, withdraw };
    this.#left ??= new Set();
    this.#left.add(left);
  }

  /** Calls back when the attempt ends, before anything comes that was left behind. */
  atEnd(callback: () => void): void {
    this.#atEnd ??= [];
    this.#atEnd.push(callback);
  }

  end(): void {
    this.#isOver = true;
    for (const callback of this.#atEnd ?? []) callback();
    if (this.#left === undefined) return;
    const left = [...this.#left].sort((one, other) => one.place - other.place);
    this.#left = undefined;
    for (const { give, withdraw } of left) {
      withdraw();
      this.#order.followed.follow(undefined, 'later', give);
    }
  }
}

/** The pace of a body whose rest is left behind. */
export function restBehind(pace: BodyPace, { partCount, place }: Outlived, behind: LeftBehind): BodyPace {
  let count = 0;
  return {
    next(isTaken) {
      count += 1;
      if (count <= partCount || behind.isOver) return pace.next(isTaken);
      return new Promise((resolve) => {
        behind.add(place, () => void Promise.resolve(pace.next(isTaken)).then(resolve));
      });
    },
    past: (fail) => pace.past(fail),
    leave: () => pace.leave(),
  };
}
