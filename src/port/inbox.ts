// What comes to a run from outside. A store keeps it until an entry of the run says that it was taken (`observed.message`).
import type { Value } from '../base/value.ts';

export type Message =
  /** `question`: the id of the question that was open when the answer was given. */
  | { readonly kind: 'answer'; readonly question: string; readonly value: Value; readonly time: number }
  | { readonly kind: 'signal'; readonly name: string; readonly value: Value; readonly time: number };

export interface PlacedMessage {
  /** 1, 2, … in the order in which the messages of the run were sent. No number is used again. */
  readonly number: number;
  readonly message: Message;
}

export interface Inbox {
  /** The number of the message that was sent last, taken or not; 0 if there was none. */
  readonly last: number;
  /** Those that the run has not taken, in order. */
  readonly messages: readonly PlacedMessage[];
}
