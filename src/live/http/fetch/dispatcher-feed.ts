// Feeds a recorded answer to the caller of a dispatcher, at the pace at which the caller reads.
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { RepriseError } from '../../../base/error.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';
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
    const { status, headers, parts, end } = fed.answer;
    // A dispatcher answers in a later turn, when its caller has what `dispatch` returns.
    await turn();
    if (isDone) return;
    caller.head(status, rawHeaders(headers), STATUS_CODES[status] ?? '');
    const demand = new Demand(caller.buffer);
    // The body of a redirect that is followed is never read.
    const isFollowed = Object.hasOwn(headers, 'location');
    for (const part of parts) {
      if (!isFollowed) await demand.next();
      await (caller.room ?? turn());
      if (isDone) return;
      demand.meet();
      caller.data(Buffer.from(part));
    }
    // `fetch` reads ahead of its caller: past what the caller read when it was recorded, it is told nothing.
    if (isDone || end.kind === 'open' || (end.kind === 'error' && isUnread(end.error))) return;
    if (end.kind === 'error') throw end.error;
    isDone = true;
    caller.end();
  };
  give().catch(fail);
}

function isUnread(error: Error): boolean {
  return error instanceof RepriseError && error.code === 'resume-diverged';
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

function rawHeaders(headers: Readonly<Record<string, string>>): readonly Buffer[] {
  return Object.entries(headers).flatMap(([name, value]) => [
    Buffer.from(name, 'latin1'),
    Buffer.from(value, 'latin1'),
  ]);
}
