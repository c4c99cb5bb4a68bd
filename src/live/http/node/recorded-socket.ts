// A socket with no connection: it takes a request and plays the recorded answer, so that node:http reads it as it would
// read an answer from the network.
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { inTurnOfAttempt } from '../../event-loop/node-work.ts';
import { socketTimer } from '../../timers/set-by-nodes.ts';
import type { AnswerPace } from '../body/answer-pace.ts';
import type { RecordedAnswer } from '../answer/recorded-answer.ts';
import { isRead } from '../body/read-streams.ts';
import { wireAnswer } from './wire-answer.ts';
import type { WirePart } from './wire-answer.ts';

export interface Played {
  /** Whether the answer begins once it is asked for, or waits for its moment. */
  readonly comes?: 'now' | 'later';
  /** Called with the head, and with an error. */
  readonly delivers?: () => void;
}

export class RecordedSocket extends Duplex {
  readonly #parts: readonly WirePart[];
  readonly #delivers: () => void;
  readonly #pace: AnswerPace | undefined;
  /** It takes nothing: it fails before it is connected. */
  readonly #isUnreachable: boolean;
  #next = 0;
  /** The answer is played after its request. */
  #isAsked = false;
  #isDue: boolean;
  /** A part is under way. A further read gets the same one. */
  #isPlaying = false;
  #idleTimer: ReturnType<typeof socketTimer> | undefined;
  timeout: number | undefined;
  /** Set by node:http. */
  readonly _httpMessage?: { readonly res?: IncomingMessage };
  readonly connecting = false;
  readonly encrypted = true;
  readonly authorized = true;
  #address: string | undefined;

  constructor(answer: RecordedAnswer, method: string, { comes = 'now', delivers = () => undefined }: Played = {}) {
    super({ emitClose: false });
    this.#isDue = comes === 'now';
    this.#delivers = delivers;
    this.#pace = answer.pace;
    this.#parts = wireAnswer(answer, method);
    this.#isUnreachable = answer.head === undefined && answer.end.kind === 'broken' && isUnreachable(answer.end.error);
    // An agent would keep it for a further request, and hear its errors from then on.
    this.on('free', () => this.destroy());
    this.on('error', () => undefined);
  }

  /** As of a socket of Node: one that is gone has an address only if it was asked for before. */
  get remoteAddress(): string | undefined {
    if (!this.destroyed) this.#address = '127.0.0.1';
    return this.#address;
  }

  override _write(_chunk: unknown, _encoding: string, written: (error?: Error) => void): void {
    this.#idleTimer?.refresh();
    if (!this.#isAsked) {
      this.#isAsked = true;
      this._read();
    }
    if (!this.#isUnreachable) written();
    else this.once('close', () => written(neverConnected()));
  }

  /** The moment of an answer that comes later. */
  answer(): void {
    this.#isDue = true;
    this._read();
  }

  override _read(): void {
    if (!this.#isAsked || this.#isPlaying) return;
    // What a client does when it is told may be what the answer waits for.
    if (!this.#isDue && this.#parts[this.#next] !== 'idle') return;
    this.#isPlaying = true;
    // Each part in its own turn of the event loop, or the reader would get several of them as one.
    inTurnOfAttempt(() => void this.#play());
  }

  async #play(): Promise<void> {
    for (;;) {
      const isRead = this.#comesTogether ? undefined : this.#isRead;
      const pace = this.#isPaced ? this.#pace?.next(this.#isAtError ? 'error' : 'part', isRead) : undefined;
      if (pace !== undefined) await pace;
      if (!this.#give()) return;
    }
  }

  /** A part of the body that came with the one before it. */
  get #comesTogether(): boolean {
    const isPart = this.#parts[this.#next] instanceof Uint8Array && !this.#isAtHead;
    return isPart && this.#isPaced && this.#pace?.comesTogether === true;
  }

  /** Gives the next part. Whether the one after that comes in the same turn. */
  #give(): boolean {
    this.#isPlaying = false;
    const part = this.#parts[this.#next];
    if (part === 'silence') this.#pace?.past((error) => this.destroy(error));
    if (part === undefined || part === 'silence' || this.destroyed) return false;
    if (this.#isAtHead || this.#isAtError) this.#delivers();
    this.#next += 1;
    this.#idleTimer?.refresh();
    if (part === 'idle') {
      this.emit('timeout');
      this._read();
    } else if (part === 'end' || part === 'early end') this.push(null);
    else if (part instanceof Uint8Array) {
      const playsOn = this.#comesTogether;
      this.#isPlaying = playsOn;
      this.push(part);
      return playsOn;
    } else if ('last' in part) this.push(part.last);
    else if ('interim' in part) this.push(part.interim);
    else this.destroy(part.error);
    return false;
  }

  /** The head comes with the answer itself, and the end of the stream with that of the body. */
  get #isPaced(): boolean {
    const part = this.#parts[this.#next];
    const isOver = part === undefined || part === 'silence' || this.destroyed;
    const before = this.#parts[this.#next - 1];
    return !isOver && before !== undefined && !isLast(before) && !isInterim(before);
  }

  get #isAtHead(): boolean {
    const before = this.#parts[this.#next - 1];
    return this.#parts[this.#next] instanceof Uint8Array && (before === undefined || isInterim(before));
  }

  get #isAtError(): boolean {
    const part = this.#parts[this.#next];
    return part === 'early end' || (typeof part === 'object' && 'error' in part);
  }

  readonly #isRead = (): boolean => isRead(this._httpMessage?.res);

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#idleTimer?.close();
    this.#pace?.leave();
    done(error);
    // Later than other streams, as a socket does: its handle closes first.
    inTurnOfAttempt(() => this.emit('close', error !== null));
  }

  /** As a socket does: emits `timeout` once nothing has happened for so long. */
  setTimeout(delayMs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = delayMs;
    this.#idleTimer?.close();
    this.#idleTimer = undefined;
    if (delayMs === 0) {
      if (callback !== undefined) this.off('timeout', callback);
      return this;
    }
    this.#idleTimer = socketTimer(delayMs, () => this.emit('timeout'));
    if (callback !== undefined) this.once('timeout', callback);
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

function isInterim(part: WirePart | undefined): boolean {
  return part === 'idle' || (typeof part === 'object' && 'interim' in part);
}

/** Whether a connection failed before it was one. */
function isUnreachable(error: Error | undefined): boolean {
  const { syscall, errors } = (error ?? {}) as { readonly syscall?: unknown; readonly errors?: readonly Error[] };
  return syscall === 'connect' || syscall === 'getaddrinfo' || errors?.some(isUnreachable) === true;
}

function neverConnected(): Error {
  const message = 'Socket closed before the connection was established';
  return Object.assign(new Error(message), { code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
}

function isLast(part: WirePart | undefined): boolean {
  return typeof part === 'object' && 'last' in part;
}
