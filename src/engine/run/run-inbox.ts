// What was sent to a run and not taken yet, and what of the run waits for it.
//   I1. A message is given to one wait, in the order in which the waits began; the next message to the next.
//   I2. A message is taken when an entry of the journal names it. One that was given and not taken is given back, and
//       keeps its place.
//   I3. The store is asked while something waits, and never else.
import { RepriseError } from '../../base/error.ts';
import type { Inbox, Message, PlacedMessage } from '../../port/inbox.ts';
import type { Later } from '../../port/store.ts';
import type { RestWatch } from './rest-watch.ts';

/** The answer to a question, or the next signal of a name. */
export type Wanted = (
  | { readonly kind: 'answer'; readonly question: string }
  | { readonly kind: 'signal'; readonly name: string }
) & {
  /** Whether one that was sent at this time, in milliseconds since 1970, can still be taken. */
  readonly isInTime?: (sent: number) => boolean;
};

interface Waiting {
  readonly wanted: Wanted;
  /** Returns whether it takes the message. If not, it waits for another one. */
  readonly take: (message: PlacedMessage) => boolean;
}

export interface InboxSetup {
  /** Messages that came before the run was resumed. */
  readonly first: Inbox;
  /** What came after a message. */
  readonly read: (after: number) => Later<Inbox>;
  readonly rest: Pick<RestWatch, 'enter' | 'leave'>;
  /** The store has forgotten messages that were read: what comes now may have their numbers. */
  readonly onWentBack: (thrown: unknown) => void;
  /** Something begins to wait. */
  readonly onWait: () => void;
}

export class RunInbox {
  readonly #setup: InboxSetup;
  readonly #waiting = new Set<Waiting>();
  /** In order. */
  #messages: PlacedMessage[];
  #seen: number;

  constructor(setup: InboxSetup) {
    this.#setup = setup;
    this.#messages = [...setup.first.messages];
    this.#seen = setup.first.last;
  }

  /** The number of the last message that it knows of. */
  get seen(): number {
    return this.#seen;
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** The names of the signals that something waits for. */
  get signals(): readonly string[] {
    const names = [...this.#waiting].flatMap(({ wanted }) => (wanted.kind === 'signal' ? [wanted.name] : []));
    return [...new Set(names)].sort();
  }

  /**
   * Calls `take` with such a message, now or when one comes, until it takes one. A message that it does not take must be
   * journaled as refused. The returned function gives up.
   */
  wait(wanted: Wanted, take: Waiting['take']): () => void {
    const waiting = { wanted, take };
    this.#waiting.add(waiting);
    this.#serve();
    // A signal may be there already. An answer cannot: nobody knew the question.
    if (wanted.kind === 'signal' && this.#waiting.has(waiting)) void this.look();
    if (this.#waiting.has(waiting)) this.#setup.onWait();
    return () => this.#waiting.delete(waiting);
  }

  /** Takes such a message if one is known. */
  takeKnown(wanted: Wanted): PlacedMessage | undefined {
    const place = this.#messages.findIndex(({ message }) => isWanted(message, wanted));
    return place === -1 ? undefined : this.#messages.splice(place, 1)[0];
  }

  /** Asks the store what has come, if something waits. The run does not pause meanwhile. */
  look(): Later<void> {
    if (!this.isAwaited) return undefined;
    let inbox: Later<Inbox>;
    try {
      inbox = this.#setup.read(this.#seen);
    } catch (thrown) {
      this.#failed(thrown);
      return undefined;
    }
    if (!(inbox instanceof Promise)) {
      this.#add(inbox);
      return undefined;
    }
    const { rest } = this.#setup;
    rest.enter();
    const looked = inbox.then(
      (found) => this.#add(found),
      (thrown: unknown) => this.#failed(thrown),
    );
    return looked.finally(() => rest.leave());
  }

  /** The next write of the run reports a store that fails. */
  #failed(thrown: unknown): void {
    if (thrown instanceof RepriseError && thrown.code === 'store-went-back') this.#setup.onWentBack(thrown);
  }

  giveBack(message: PlacedMessage): void {
    const place = this.#messages.findIndex(({ number }) => number > message.number);
    this.#messages.splice(place === -1 ? this.#messages.length : place, 0, message);
    this.#serve();
  }

  #add({ last, messages }: Inbox): void {
    // Two looks at once may find the same.
    for (const message of messages) if (message.number > this.#seen) this.#messages.push(message);
    this.#seen = Math.max(this.#seen, last);
    this.#serve();
  }

  #serve(): void {
    if (this.#messages.length === 0) return;
    for (const waiting of this.#waiting) {
      const message = this.takeKnown(waiting.wanted);
      if (message === undefined) continue;
      // Removed first: what follows may end the wait, or look again.
      this.#waiting.delete(waiting);
      if (!waiting.take(message)) this.#waiting.add(waiting);
    }
  }
}

function isWanted(message: Message, wanted: Wanted): boolean {
  if (wanted.isInTime?.(message.time) === false) return false;
  if (message.kind === 'answer') return wanted.kind === 'answer' && wanted.question === message.question;
  return wanted.kind === 'signal' && wanted.name === message.name;
}
