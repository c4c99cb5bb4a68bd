// All that the code of a client's caller can see of a call, as data.
import { createHash } from 'node:crypto';
import { look } from '../support/error-look.ts';

export interface Seen {
  readonly events: readonly string[];
  readonly head?: unknown;
  readonly body?: string;
  readonly parts?: readonly string[];
  readonly trailers?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

const shownMax = 400;

export class Sight {
  readonly #events: string[] = [];
  readonly #parts: string[] = [];
  #head: unknown;
  #body: string | undefined;
  #trailers: unknown;
  #result: unknown;
  #error: unknown;

  event(name: string): void {
    if (this.#events.at(-1) !== name) this.#events.push(name);
  }

  head(head: Readonly<Record<string, unknown>>): void {
    this.event('head');
    this.#head = head;
  }

  part(bytes: Uint8Array | string): void {
    this.event('part');
    this.#parts.push(shown(bytes));
  }

  body(bytes: Uint8Array | string): void {
    this.event('body');
    this.#body = shown(bytes);
  }

  trailers(trailers: unknown): void {
    this.#trailers = trailers;
  }

  /** What a client of an API gives back. */
  result(result: unknown): void {
    this.event('result');
    this.#result = result;
  }

  error(error: unknown): void {
    this.event('error');
    this.#error = look(error);
  }

  end(): Seen {
    const seen = {
      events: this.#events,
      head: this.#head,
      body: this.#body,
      parts: this.#parts,
      trailers: this.#trailers,
      result: this.#result,
      error: this.#error,
    };
    return JSON.parse(JSON.stringify(seen, plain)) as Seen;
  }
}

function shown(bytes: Uint8Array | string): string {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
  if (text.length <= shownMax) return text;
  return `${text.length} bytes, sha256 ${createHash('sha256').update(text).digest('hex')}`;
}

/** As data. A buffer would be a list of its bytes before this is asked. */
function plain(this: Readonly<Record<string, unknown>>, key: string, given: unknown): unknown {
  const value = this[key] instanceof Uint8Array ? this[key] : given;
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (value instanceof Map) return [...value];
  if (value instanceof Uint8Array) return shown(value);
  return value;
}
