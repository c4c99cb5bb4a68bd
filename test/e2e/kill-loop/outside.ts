// The service that the runs of the kill loop call: it serves each idempotency key once, and says what it saw.
import { drawStream } from '../../../src/base/draw.ts';
import { bodyOf, LoopbackServer, pause } from '../../support/loopback-server.ts';
import { answerTo } from './work.ts';
import type { Call } from './work.ts';

interface Served {
  readonly call: Call;
  readonly isRefused: boolean;
  count: number;
}

/** A call under a key that was served before. */
export interface Repeat {
  readonly call: Call;
  /** How many other keys it had before: it was refused, or its clean-up is another one. */
  readonly earlierKeys: number;
}

export class OutsideService implements AsyncDisposable {
  readonly served = new Map<string, Served>();
  /** Keys whose policy forbids it that came again all the same. */
  readonly broken: Repeat[] = [];
  readonly held = new Set<string>();
  readonly counts = { calls: 0, refused: 0, repeated: 0, quotes: 0, locks: 0, lateLocks: 0, unlocks: 0 };
  /** Rejects if the service itself fails. */
  readonly fault = Promise.withResolvers<never>();
  onRepeat: (repeat: Repeat) => Promise<void> = async () => undefined;
  readonly #keys = new Map<string, string[]>();
  readonly #refused = new Set<string>();
  readonly #released = new Set<string>();
  readonly #draw: () => number;
  readonly #pauseMsMax: number;
  #server: LoopbackServer | undefined;

  constructor(seed: string, pauseMsMax: number) {
    this.#draw = drawStream(seed, 'outside').next;
    this.#pauseMsMax = pauseMsMax;
    this.fault.promise.catch(() => undefined);
  }

  async start(): Promise<string> {
    this.#server = await LoopbackServer.start((request, response) => {
      bodyOf(request)
        .then((body) => this.#answer(request.url ?? '', JSON.parse(body.toString('utf8'))))
        .then(({ status, value }) => response.writeHead(status).end(JSON.stringify(value)))
        .catch((thrown: unknown) => {
          this.fault.reject(thrown);
          response.destroy();
        });
    });
    return this.#server.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  /** What became of an effect, as a person finds out who has to decide. */
  fateOf(runId: string, name: string, request: unknown): number | 'refused' | 'never came' {
    const keys = [...this.served.values()].filter(
      ({ call }) =>
        call.runId === runId && call.name === name && JSON.stringify(call.request) === JSON.stringify(request),
    );
    const done = keys.find(({ isRefused }) => !isRefused);
    if (done !== undefined) return answerTo(name, done.call.request);
    return keys.length > 0 ? 'refused' : 'never came';
  }

  async #answer(path: string, body: unknown): Promise<{ readonly status: number; readonly value: number | string }> {
    if (path === '/quote') {
      this.counts.quotes += 1;
      await pause(this.#draw() * this.#pauseMsMax);
      return { status: 200, value: answerTo('quote', [(body as readonly number[])[1] as number]) };
    }
    const served = await this.#serve(body as Call);
    await pause(this.#draw() * this.#pauseMsMax);
    if (served.isRefused) return { status: 500, value: 'not now' };
    return { status: 200, value: answerTo(served.call.name, served.call.request) };
  }

  async #serve(call: Call): Promise<Served> {
    this.counts.calls += 1;
    const known = this.served.get(call.key);
    if (known !== undefined) {
      known.count += 1;
      this.counts.repeated += 1;
      const repeat = { call, earlierKeys: this.#keysOf(call).indexOf(call.key) };
      if (call.policy === 'fail') this.broken.push(repeat);
      else await this.onRepeat(repeat);
      return known;
    }
    const served = { call, isRefused: this.#isRefused(call), count: 1 };
    this.served.set(call.key, served);
    this.#keysOf(call).push(call.key);
    if (served.isRefused) this.counts.refused += 1;
    else this.#do(call);
    return served;
  }

  /** The keys of a call, in the order in which they came. */
  #keysOf({ runId, at, name, request }: Call): string[] {
    const what = JSON.stringify([runId, at, name, request]);
    const keys = this.#keys.get(what) ?? [];
    this.#keys.set(what, keys);
    return keys;
  }

  #isRefused({ runId, name, request, isRefusedFirst }: Call): boolean {
    const what = JSON.stringify([runId, name, request]);
    if (!isRefusedFirst || this.#refused.has(what)) return false;
    this.#refused.add(what);
    return true;
  }

  /** A lock that was given back is not taken by a call that was under way for longer than that. */
  #do({ name, request }: Call): void {
    const lock = String(request[0]);
    if (name === 'lock') {
      this.counts.locks += 1;
      if (this.#released.has(lock)) this.counts.lateLocks += 1;
      else this.held.add(lock);
    } else if (name === 'unlock') {
      this.counts.unlocks += 1;
      this.#released.add(lock);
      this.held.delete(lock);
    }
  }
}
