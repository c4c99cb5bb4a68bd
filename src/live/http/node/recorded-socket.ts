// A socket with no connection: it takes a request and plays the recorded answer, so that node:http reads it as it would
// read an answer from the network.
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { BodyPace } from '../../../port/attempt.ts';
import { asOwn } from '../../event-loop/node-work.ts';
import { realSetImmediate } from '../../event-loop/real-timers.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';
import { wireAnswer } from './wire-answer.ts';
import type { WirePart } from './wire-answer.ts';

/**
 * How long the next part waits for the one before it, in turns of the event loop: to be read by a node that may have
 * paused, and to be decoded.
 */
const unreadTurnsMax = 1_000;
const unwrittenTurnsMax = 200_000;

export class RecordedSocket extends Duplex {
  readonly #parts: readonly WirePart[];
  readonly #delivers: () => void;
  readonly #pace: BodyPace | undefined;
  #next = 0;
  /** The answer is played after its request. */
  #isAsked = false;
  #idleTimer: NodeJS.Timeout | undefined;
  #waitedTurns = 0;
  timeout: number | undefined;
  /** Set by node:http. */
  readonly _httpMessage?: { readonly res?: IncomingMessage };
  readonly connecting = false;
  readonly encrypted = true;
  readonly authorized = true;
  readonly remoteAddress = '127.0.0.1';

  /** `delivers` is called with the head, with each part of the body, and with an error. */
  constructor(answer: RecordedAnswer, method: string, delivers: () => void = () => undefined) {
    super({ emitClose: false });
    this.#delivers = delivers;
    this.#pace = answer.pace;
    this.#parts = wireAnswer(answer, method);
    // An agent would keep it for a further request, and hear its errors from then on.
    this.on('free', () => this.destroy());
    this.on('error', () => undefined);
  }

  override _write(_chunk: unknown, _encoding: string, written: () => void): void {
    this.#idleTimer?.refresh();
    if (!this.#isAsked) {
      this.#isAsked = true;
      this._read();
    }
    written();
  }

  override _read(): void {
    if (!this.#isAsked) return;
    this.#waitedTurns = 0;
    // Each part in its own turn of the event loop, or the reader would get several of them as one.
    asOwn(() => realSetImmediate(() => void this.#play()));
  }

  async #play(): Promise<void> {
    if (this.#waitedTurns < turnsToWait(this._httpMessage?.res as Piped | null | undefined)) {
      this.#waitedTurns += 1;
      asOwn(() => realSetImmediate(() => void this.#play()));
      return;
    }
    const pace = this.#isPaced ? this.#pace?.next() : undefined;
    if (pace !== undefined) await pace;
    const part = this.#parts[this.#next];
    if (part === undefined || part === 'silence' || this.destroyed) return;
    this.#next += 1;
    this.#idleTimer?.refresh();
    if (isDelivery(part)) this.#delivers();
    if (part === 'end' || part === 'early end') this.push(null);
    else if (part instanceof Uint8Array) this.push(part);
    else if ('last' in part) this.push(part.last);
    else this.destroy(part.error);
  }

  /** The head comes with the answer itself, and the end of the stream with that of the body. */
  get #isPaced(): boolean {
    const part = this.#parts[this.#next];
    const isOver = part === undefined || part === 'silence' || this.destroyed;
    return !isOver && this.#next > 0 && !isLast(this.#parts[this.#next - 1]);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    this.#pace?.leave();
    done(error);
    // Later than other streams, as a socket does: its handle closes first.
    asOwn(() => realSetImmediate(() => this.emit('close', error !== null)));
  }

  /** As a socket does: emits `timeout` once nothing has happened for so long. */
  setTimeout(delayMs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = delayMs;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (delayMs === 0) {
      if (callback !== undefined) this.off('timeout', callback);
      return this;
    }
    this.#idleTimer = setTimeout(() => this.emit('timeout'), delayMs).unref();
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

/** What the node sees, other than that there is nothing more. */
function isDelivery(part: WirePart): boolean {
  return part !== 'end' && !isLast(part);
}

function isLast(part: WirePart | undefined): boolean {
  return typeof part === 'object' && 'last' in part;
}

interface Piped {
  readonly readableLength?: number;
  readonly writableLength?: number;
  readonly _readableState?: { readonly pipes?: readonly Piped[] };
}

const pipeDepthMax = 10;

/**
 * The node may not have taken the last part yet, nor a stream that the answer is piped to, such as one that decodes it.
 * The network leaves them more time than a replay does: an error would overtake what came before it.
 */
function turnsToWait(stream: Piped | null | undefined, depth = 0): number {
  if (stream === undefined || stream === null || depth > pipeDepthMax) return 0;
  if (depth > 0 && (stream.writableLength ?? 0) > 0) return unwrittenTurnsMax;
  const behind = (stream._readableState?.pipes ?? []).map((next) => turnsToWait(next, depth + 1));
  return Math.max((stream.readableLength ?? 0) > 0 ? unreadTurnsMax : 0, ...behind);
}
