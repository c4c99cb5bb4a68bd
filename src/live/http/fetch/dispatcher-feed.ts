// Feeds a Response to the caller of a dispatcher, at the pace at which the caller reads.
import { Readable } from 'node:stream';
import type { DispatchCaller } from './dispatch-caller.ts';
import { replaceMethod } from '../method-replacement.ts';

export function feedAnswer(answer: Promise<Response>, caller: DispatchCaller, abort: (reason: unknown) => void): void {
  let isDone = false;
  const fail = (error: unknown): void => {
    if (isDone) return;
    isDone = true;
    caller.fail(error);
  };
  // `fetch` expects the error of its own abort at once, as from a socket that it closed.
  caller.begin((reason) => {
    abort(reason);
    fail(reason);
  });
  answer
    .then(async (response) => {
      if (isDone) return;
      caller.head(response.status, rawHeaders(response.headers), response.statusText);
      const demand = new Demand(caller.buffer);
      // The body of a redirect that is followed is never read.
      const isFollowed = response.headers.has('location');
      const reader = response.body?.getReader();
      while (reader !== undefined) {
        if (!isFollowed) await demand.next();
        const part = await reader.read();
        if (part.done || isDone) break;
        demand.meet();
        caller.data(Buffer.from(part.value));
      }
      if (isDone) return;
      isDone = true;
      caller.end();
    })
    .catch(fail);
}

/**
 * Tells when the caller wants more: when it reads its own buffer and finds it empty. Left alone, the buffer would fill up
 * with bytes that the node may never read.
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

function rawHeaders(headers: Headers): readonly Buffer[] {
  // The body arrives decoded, and must not be decoded again.
  const dropped = headers.has('content-encoding') ? ['content-encoding', 'content-length'] : [];
  return [...headers]
    .filter(([name]) => !dropped.includes(name))
    .flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]);
}
