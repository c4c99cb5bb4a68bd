// What comes to a run from outside. A store keeps it until an entry of the run says that it was taken (`observed.message`).
import type { Value } from '../base/value.ts';

/**
 * What comes to a run from outside while it waits: an answer to a question, or a signal. `time` is when it was sent, in
 * milliseconds since 1970.
 */
export type Message =
  /** `question`: the id of the question that was open when the answer was given. */
  | { readonly kind: 'answer'; readonly question: string; readonly value: Value; readonly time: number }
  | { readonly kind: 'signal'; readonly name: string; readonly value: Value; readonly time: number };

/** A message in the inbox of a run, with the number by which the journal says that it was taken. */
export interface PlacedMessage {
  /** 1, 2, … in the order in which the messages of the run were sent. No number is used again. */
  readonly number: number;
  readonly message: Message;
}

/**
 * What a store has for a run that the run has not taken. A store keeps a message until an entry of the run says that it
 * was taken, so none is lost in a crash.
 */
export interface Inbox {
  /** The number of the message that was sent last, taken or not; 0 if there was none. */
  readonly last: number;
  /** Those that the run has not taken, in order. */
  readonly messages: readonly PlacedMessage[];
}
