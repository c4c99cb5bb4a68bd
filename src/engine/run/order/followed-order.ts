// The recorded order of a step, followed while its attempts run again.
//   O1. An item is delivered when everything with a lower number has happened; if it came in a later turn of the event
//       loop than its question, also one turn after that.
//   O2. A number that does not come is waited for until all is quiet. Then the lowest item that is there is delivered.
//   O3. An item that is not ready holds up those behind it, until it is, or all is quiet.
//   O4. What has no number in a run that is resumed comes after everything that has one. What an attempt does with it
//       comes before the next such thing, and before its time is over, however long all that was waited for.
import type { EventLoop, Idle, Quiet } from '../../../port/event-loop.ts';
import type { RecordedOrder } from '../../../port/world.ts';

interface Item {
  readonly place: number;
  /** Whether one more turn has to pass. */
  needsTurn: boolean;
  /** What was not asked for may come in any later turn. */
  readonly isAsked: boolean;
  readonly isReady: (() => boolean) | undefined;
  readonly deliver: () => void;
  withdraw: () => void;
}

export class FollowedOrder {
  readonly #loop: EventLoop;
  readonly #quiet: Quiet;
  #recorded: RecordedOrder | undefined;
  /** The numbers that are still to come, and the lowest of them. */
  #expected = new Set<number>();
  #front = 0;
  #highest = -1;
  readonly #waiting = new Map<number, Item>();
  /** What comes after everything that is recorded. */
  readonly #later: (() => void)[] = [];
  /** What comes after that. */
  readonly #last: (() => void)[] = [];
  /** What was recorded without a number, and comes in the next turn. */
  #unnumberedCount = 0;
  #isPumping = false;

  constructor(loop: EventLoop, quiet: Quiet) {
    this.#loop = loop;
    this.#quiet = quiet;
  }

  /** Whether nothing recorded is left that new things would have to wait for. */
  get isOver(): boolean {
    return this.isReplay || (this.#expected.size === 0 && this.#unnumberedCount === 0);
  }

  get isReplay(): boolean {
    return this.#recorded?.isWhole === true;
  }

  openStep(recorded: RecordedOrder | undefined): void {
    this.#recorded = recorded;
    this.#front = 0;
    this.#highest = recorded?.highest ?? -1;
    this.#quiet.see(recorded !== undefined);
    // A step that is new has nothing to follow.
    if (recorded === undefined && this.#expected.size === 0) return;
    this.#expected = recorded?.numbers ?? new Set();
    this.#advance();
  }

  /** Something with this number has happened. */
  happened(place: number | undefined): void {
    if (place === undefined || !this.#expected.delete(place)) return;
    if (place !== this.#front) return;
    this.#advance();
    this.#pump();
  }

  /** An attempt is over: what it has not asked for does not come. */
  left(recorded: string): void {
    const places = this.#recorded?.places.get(recorded);
    if (places === undefined) return;
    for (const place of places) if (!this.#waiting.has(place)) this.happened(place);
  }

  /**
   * Delivers something that was recorded; without a number, in the next turn. `turn`: in which turn it came, seen from
   * its question. The returned function withdraws it.
   */
  follow(
    place: number | undefined,
    turn: 'at once' | 'same' | 'later',
    deliver: () => void,
    isReady?: () => boolean,
  ): () => void {
    if (place === undefined || !this.#expected.has(place) || this.#waiting.has(place)) {
      return isReady === undefined ? this.#inNextTurn(deliver) : this.whenReady(isReady, deliver);
    }
    if (turn === 'at once' && place === this.#front) {
      this.happened(place);
      deliver();
      return () => undefined;
    }
    const idle: Idle = {
      rank: 'recorded',
      due: place,
      go: () => this.#deliverEarly(item),
      isReady: isReady && (() => place === this.#front && !item.needsTurn && isReady()),
    };
    const isAsked = turn !== 'at once';
    const item: Item = { place, needsTurn: turn === 'later', isAsked, isReady, deliver, withdraw: () => undefined };
    item.withdraw = this.#quiet.when(idle);
    this.#waiting.set(place, item);
    if (place === this.#front) this.#pump();
    return () => {
      if (this.#waiting.get(place) !== item) return;
      this.#waiting.delete(place);
      item.withdraw();
      this.happened(place);
    };
  }

  /** Delivers something that no number was recorded of, as soon as it is ready, or all is quiet. */
  whenReady(isReady: () => boolean, deliver: () => void): () => void {
    return this.#quiet.when({ rank: 'recorded', due: this.#front, isReady, go: deliver });
  }

  /** Delivers something that was not recorded, after everything that was. */
  after(deliver: () => void): void {
    if (this.isOver) {
      deliver();
      return;
    }
    this.#defer(this.#later, deliver);
  }

  /** Delivers something that was not recorded, after everything that waits for its turn and what follows from it. */
  afterAll(deliver: () => void): void {
    if (this.isOver) deliver();
    else this.#defer(this.#last, deliver);
  }

  get #hasDeferred(): boolean {
    return this.#later.length > 0 || this.#last.length > 0;
  }

  #defer(queue: (() => void)[], deliver: () => void): void {
    const isAwaited = this.#hasDeferred;
    queue.push(deliver);
    if (!isAwaited) this.#awaitQuiet();
  }

  #awaitQuiet(): void {
    // After every item with a number that is there.
    this.#quiet.when({
      rank: 'recorded',
      due: this.#highest + 1,
      go: () => {
        this.#deliverNext();
        if (this.#hasDeferred) this.#awaitQuiet();
      },
    });
  }

  #deliverNext(): void {
    (this.#later.shift() ?? this.#last.shift())?.();
  }

  #inNextTurn(deliver: () => void): () => void {
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#unnumberedCount -= 1;
      if (this.#hasDeferred) this.#pump();
    };
    const arrive = (): void => {
      if (!isOpen) return;
      this.#quiet.stir();
      try {
        deliver();
      } finally {
        close();
      }
    };
    this.#unnumberedCount += 1;
    this.#quiet.stir();
    // All that come in one turn may be more than one turn has time for. They keep their order.
    this.#loop.next(() => {
      if (isOpen && this.#loop.isTurnOver()) this.#inLaterTurn(arrive);
      else arrive();
    });
    return close;
  }

  #advance(): void {
    while (this.#front <= this.#highest && !this.#expected.has(this.#front)) this.#front += 1;
  }

  /** Not at once: what moves the front may be in the middle of its own work, and what follows from it comes first. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#quiet.stir();
    this.#loop.settled(() => {
      this.#isPumping = false;
      this.#deliverFront();
    });
  }

  #deliverFront(): void {
    const item = this.#waiting.get(this.#front);
    if (item === undefined) {
      if (this.isOver) this.#deliverDeferred();
      return;
    }
    if (item.needsTurn) {
      item.needsTurn = false;
      this.#quiet.stir();
      this.#isPumping = true;
      this.#loop.next(() => {
        this.#isPumping = false;
        this.#deliverFront();
      });
    } else if (!item.isAsked && this.#loop.isTurnOver()) this.#deliverInLaterTurn();
    else if (item.isReady?.() !== false) this.#deliver(item);
  }

  #deliverInLaterTurn(): void {
    this.#isPumping = true;
    this.#inLaterTurn(() => {
      this.#isPumping = false;
      this.#deliverFront();
    });
  }

  #inLaterTurn(callback: () => void): void {
    const release = this.#quiet.hold();
    this.#loop.inLaterTurn(() => {
      release();
      callback();
    });
  }

  #deliver(item: Item): void {
    this.#waiting.delete(item.place);
    item.withdraw();
    this.#quiet.stir();
    // Its own place is taken when it is delivered, so that what it causes comes after it.
    this.#expected.delete(item.place);
    this.#advance();
    try {
      item.deliver();
    } finally {
      this.#pump();
    }
  }

  #deliverEarly(item: Item): void {
    if (this.#waiting.get(item.place) !== item) return;
    if (item.place > this.#front) this.#recorded?.broken?.(item.place);
    // What did not come is not waited for twice.
    for (let place = this.#front; place < item.place; place += 1)
      if (!this.#waiting.has(place)) this.#expected.delete(place);
    this.#advance();
    this.#deliver(item);
  }

  #deliverDeferred(): void {
    if (!this.#hasDeferred) return;
    try {
      this.#deliverNext();
    } finally {
      this.#pump();
    }
  }
}
