// Feeds a recorded answer to the caller of a dispatcher, at the pace at which the caller reads.
import { Readable } from 'node:stream';
import { inTurnOfAttempt } from '../../../event-loop/node-work.ts';
import type { AnswerPace } from '../../body/answer-pace.ts';
import type { Pairs } from '../../answer/answer-record.ts';
import { isRead } from '../../body/read-streams.ts';
import type { RecordedAnswer, RecordedHead } from '../../answer/recorded-answer.ts';
import { connectionReset } from '../../answer/recorded-error.ts';
import { asSent } from '../../answer/sent-form.ts';
import { rawHeaders } from './dispatch-caller.ts';
import type { DispatchCaller } from './dispatch-caller.ts';
import { replaceMethod } from '../../method-replacement.ts';

/** What the caller gets: an answer, an error, or nothing until it gives up. */
export type Fed =
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'silent' };

/**
 * `delivers` is called with the head, and with an error, unless that is one of a body which the caller keeps until somebody
 * reads. The returned function stops it with an error, as undici stops a request.
 */
export function feed(fed: Fed, caller: DispatchCaller, delivers: () => void): (reason: unknown) => void {
  return new Feed(fed, caller, delivers).start();
}

class Feed {
  readonly #fed: Fed;
  readonly #caller: DispatchCaller;
  readonly #delivers: () => void;
  #isDone = false;

  constructor(fed: Fed, caller: DispatchCaller, delivers: () => void) {
    this.#fed = fed;
    this.#caller = caller;
    this.#delivers = delivers;
  }

  start(): (reason: unknown) => void {
    // `fetch` expects the error of its own abort at once, as from a socket that it closed.
    const abort = (reason: unknown): void => this.#fail(reason ?? abortedError());
    this.#caller.begin(abort);
    if (this.#fed.kind !== 'silent') this.#give().catch((error: unknown) => this.#break(error));
    return abort;
  }

  #fail(error: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#pace?.leave();
    this.#caller.fail(error);
  }

  /** With an error that came from outside. */
  #break(error: unknown): void {
    if (!this.#isDone && this.#caller.body === undefined) this.#delivers();
    this.#fail(error);
  }

  get #pace(): AnswerPace | undefined {
    return this.#fed.kind === 'answered' ? this.#fed.answer.pace : undefined;
  }

  async #give(): Promise<void> {
    const fed = this.#fed;
    if (fed.kind === 'silent') return;
    // A dispatcher answers in a later turn, when its caller has what `dispatch` returns.
    await turn();
    if (fed.kind === 'refused') throw fed.error;
    const { answer } = fed;
    const { head, end } = answer;
    if (head !== undefined) await this.#giveAnswer(answer, head);
    if (this.#isDone) return;
    if (end.kind === 'silent') this.#pace?.past((error) => this.#fail(error));
    else if (end.kind === 'broken')
      throw end.error ?? (head === undefined ? connectionReset() : new TypeError('terminated'));
    else this.#end(end.trailers);
  }

  /** A handler that throws here is told so, as by undici: one that asks again for an answer it does not like does. */
  #end(trailers: Pairs): void {
    this.#isDone = true;
    try {
      this.#caller.end(trailers);
    } catch (thrown) {
      this.#delivers();
      this.#caller.fail(thrown);
    }
  }

  async #giveAnswer(answer: RecordedAnswer, head: RecordedHead): Promise<void> {
    const caller = this.#caller;
    const { headers, parts } = asSent(head, answer);
    if (this.#isDone) return;
    for (const interim of head.interim) caller.head(interim.status, rawHeaders(interim.headers), interim.statusText);
    this.#delivers();
    caller.head(head.status, rawHeaders(headers), head.statusText);
    // The body of a redirect that is followed is never read.
    const isFollowed = caller.buffer !== undefined && headers.some(([name]) => name.toLowerCase() === 'location');
    const demand = new Demand(isFollowed ? undefined : caller.buffer);
    const isTaken = (): boolean => isFollowed || isRead(caller.body);
    for (const part of parts) {
      if (this.#pace?.comesTogether === true && caller.room === undefined) {
        const due = this.#pace.next('part');
        if (due !== undefined) await due;
      } else {
        await demand.next();
        await (caller.room ?? turn());
        // Its caller has left: nothing more is to come for it.
        if (this.#isDone) return;
        await this.#pace?.next('part', isTaken);
      }
      if (this.#isDone) return;
      demand.meet();
      caller.data(Buffer.from(part));
    }
    if (answer.end.kind === 'silent') return;
    await (answer.end.kind === 'complete' ? (caller.room ?? turn()) : turn());
    if (this.#isDone) return;
    await this.#pace?.next(answer.end.kind === 'broken' ? 'error' : 'part', isTaken);
  }
}

const turn = (): Promise<void> => new Promise(inTurnOfAttempt);

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
