// Feeds a recorded answer to the caller of a dispatcher, at the pace at which the caller reads.
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Pairs } from '../answer-record.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';
import { asSent } from '../sent-form.ts';
import type { DispatchCaller } from './dispatch-caller.ts';
import { replaceMethod } from '../method-replacement.ts';

/** What the caller gets: an answer, an error, or nothing until it gives up. */
export type Fed =
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'silent' };

export function feed(fed: Fed, caller: DispatchCaller): void {
  let isDone = false;
  const fail = (error: unknown): void => {
    if (isDone) return;
    isDone = true;
    caller.fail(error);
  };
  // `fetch` expects the error of its own abort at once, as from a socket that it closed.
  caller.begin((reason) => fail(reason ?? abortedError()));
  if (fed.kind === 'silent') return;
  const give = async (): Promise<void> => {
    if (fed.kind === 'refused') throw fed.error;
    const { head, end } = fed.answer;
    // A dispatcher answers in a later turn, when its caller has what `dispatch` returns.
    await turn();
    if (isDone || (head === undefined && end.kind === 'silent')) return;
    if (head === undefined) throw (end.kind === 'broken' && end.error) || new TypeError('terminated');
    const { headers, parts } = asSent(head, fed.answer);
    caller.head(head.status, rawHeaders(headers), head.statusText);
    const demand = new Demand(caller.buffer);
    // The body of a redirect that is followed is never read.
    const isFollowed = headers.some(([name]) => name.toLowerCase() === 'location');
    for (const part of parts) {
      if (!isFollowed) await demand.next();
      await (caller.room ?? turn());
      if (isDone) return;
      demand.meet();
      caller.data(Buffer.from(part));
    }
    if (isDone || end.kind === 'silent') return;
    if (end.kind === 'broken') throw end.error ?? new TypeError('terminated');
    isDone = true;
    caller.end();
  };
  give().catch(fail);
}

function abortedError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError', code: 'UND_ERR_ABORTED' });
}

/**
 * Tells when `fetch` wants more: when it reads its own buffer and finds it empty. Left alone, the buffer would fill up
 * with bytes that the node may never read, and parts would run together.
 */
class Demand {
  #isThere = false;
  readonly #isKnown: boolean;
  #wake: () => void = () => undefined;

  constructor(buffer: unknown) {
    this.#isKnown = buffer instanceof Readable;
    if (!(buffer instanceof Readable)) return;
    replaceMethod(buffer, 'read', (read, ...given) => {
      const taken = read(...given);
      // `read(0)` only starts the flow; it asks for no bytes.
      if (taken === null && given[0] !== 0) this.#arise();
      return taken;
    });
  }

  #arise(): void {
    this.#isThere = true;
    this.#wake();
  }

  async next(): Promise<void> {
    if (this.#isThere || !this.#isKnown) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  meet(): void {
    this.#isThere = false;
  }
}

function rawHeaders(headers: Pairs): readonly Buffer[] {
  return headers.flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]);
}
