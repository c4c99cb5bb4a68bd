// A socket with no connection: it takes a request and plays the recorded answer in HTTP/1.1, so that node:http reads it as
// it would read an answer from the network.
import { STATUS_CODES } from 'node:http';
import { Duplex } from 'node:stream';
import type { BodyPace } from '../../../port/attempt.ts';
import { asOwn } from '../../event-loop/node-work.ts';
import { realSetImmediate } from '../../event-loop/real-timers.ts';
import { statusesWithoutBody } from '../recorded-answer.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';

const lastChunk: Uint8Array = Buffer.from('0\r\n\r\n');

type WirePart = Uint8Array | { readonly error: Error } | 'end';

export class RecordedSocket extends Duplex {
  readonly #parts: readonly WirePart[];
  readonly #delivers: () => void;
  readonly #pace: BodyPace | undefined;
  #next = 0;
  /** The answer is played after its request. */
  #isAsked = false;
  readonly connecting = false;
  readonly encrypted = true;
  readonly authorized = true;
  readonly remoteAddress = '127.0.0.1';

  /** `delivers` is called with the head, with each part of the body, and with an error. */
  constructor(answer: RecordedAnswer, method: string, delivers: () => void = () => undefined) {
    super();
    this.#delivers = delivers;
    this.#parts = wireParts(answer, method);
    this.#pace = answer.pace;
  }

  override _write(_chunk: unknown, _encoding: string, written: () => void): void {
    if (!this.#isAsked) {
      this.#isAsked = true;
      this._read();
    }
    written();
  }

  override _read(): void {
    if (!this.#isAsked) return;
    // Each part in its own turn of the event loop, or the reader would get several of them as one.
    asOwn(() => realSetImmediate(() => void this.#play()));
  }

  async #play(): Promise<void> {
    // The head comes with the answer itself, and the end of the stream with that of the body.
    const pace = this.#next > 0 && this.#parts[this.#next] !== 'end' ? this.#pace?.next() : undefined;
    if (pace !== undefined) await pace;
    const part = this.#parts[this.#next];
    this.#next += 1;
    if (part === undefined || this.destroyed) return;
    if (part !== 'end' && part !== lastChunk) this.#delivers();
    if (part === 'end') this.push(null);
    else if (part instanceof Uint8Array) this.push(part);
    else this.destroy(part.error);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#pace?.leave();
    done(error);
  }

  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function wireParts(answer: RecordedAnswer, method: string): readonly WirePart[] {
  const hasBody = method !== 'HEAD' && !statusesWithoutBody.has(answer.status);
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
    ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    ...(hasBody ? ['transfer-encoding: chunked'] : []),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (!hasBody) return [head, 'end'];
  return [head, ...answer.parts.map(chunk), ...lastParts(answer.end)];
}

function lastParts(end: RecordedAnswer['end']): readonly WirePart[] {
  if (end.kind === 'open') return [];
  return end.kind === 'error' ? [{ error: end.error }] : [lastChunk, 'end'];
}

function chunk(part: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
}
