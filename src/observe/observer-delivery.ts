// Delivers written entries to observers, independently of the runs: whatever an observer does, no run waits for it or
// fails because of it.
//   O1. An observer gets entries in journal order, one call at a time, and only after they were written.
//   O2. At most `maxPending` entries are held for it, including those in delivery; the rest are dropped and counted.
//   O3. Every loss is reported to it, at the point where it occurred.
//   O4. What it does is not part of the task whose entries it observes: its HTTP calls are not recorded.
import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf } from '../base/error.ts';
import { aroundRuns } from '../port/attempt.ts';
import type { Clock } from '../port/clock.ts';
import type { ObservedEntry, ObservedRun, RunObserver, RunRecording, RunRest } from '../port/observer.ts';

export const maxPendingDefault = 1_000;

type Item =
  | { readonly kind: 'entry'; readonly observed: ObservedEntry }
  | { readonly kind: 'rest'; readonly run: ObservedRun; readonly rest: RunRest }
  | { readonly kind: 'recording'; readonly run: ObservedRun; readonly recording: RunRecording }
  | { readonly kind: 'gap'; readonly count: number };

export class ObserverDelivery {
  readonly #queues: readonly ObserverQueue[];
  readonly #clock: Clock;
  #closing: Promise<unknown> | undefined;

  constructor(observers: readonly RunObserver[], clock: Clock) {
    this.#clock = clock;
    const outside = aroundRuns(() => AsyncLocalStorage.snapshot());
    this.#queues = observers.map((observer) => new ObserverQueue(observer, clock, outside));
  }

  written(entries: readonly ObservedEntry[]): void {
    for (const queue of this.#queues) for (const observed of entries) queue.add({ kind: 'entry', observed });
  }

  rested(run: ObservedRun, status: RunRest['status']): void {
    const rest = { status, time: this.#clock.now() };
    for (const queue of this.#queues) queue.add({ kind: 'rest', run, rest });
  }

  recorded(run: ObservedRun, recording: RunRecording): void {
    for (const queue of this.#queues) queue.add({ kind: 'recording', run, recording });
  }

  /** Resolves once every observer has received and flushed everything, or after `graceMs` at the latest. */
  async close(graceMs: number): Promise<void> {
    this.#closing ??= Promise.all(this.#queues.map((queue) => queue.close(graceMs)));
    await this.#closing;
  }
}

class ObserverQueue {
  readonly #observer: RunObserver;
  readonly #maxPending: number;
  readonly #clock: Clock;
  readonly #outside: (task: () => void) => void;
  readonly #warned = new Set<string>();
  #items: Item[] = [];
  /** How many entries were lost after the last item. */
  #lost = 0;
  #inFlight = 0;
  #isBusy = false;
  #isScheduled = false;
  #isHurried = false;
  #isClosed = false;
  #whenIdle: () => void = () => undefined;

  constructor(observer: RunObserver, clock: Clock, outside: (task: () => void) => void) {
    this.#observer = observer;
    this.#maxPending = observer.maxPending ?? maxPendingDefault;
    this.#clock = clock;
    this.#outside = outside;
  }

  add(item: Item): void {
    if (this.#isClosed) return;
    if (this.#items.length + this.#inFlight >= this.#maxPending) {
      this.#lost += 1;
      this.#warn('slow', `is slower than the runs: with ${this.#maxPending} entries pending, further ones are dropped`);
      return;
    }
    this.#markLoss();
    this.#items.push(item);
    this.#schedule();
  }

  close(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#isClosed = true;
        this.#items = [];
        resolve();
      };
      const cancelTimer = this.#clock.setTimer(graceMs, () => {
        const left = this.#items.length + this.#inFlight;
        this.#warn('closed', `had not finished ${graceMs} ms after the engine was closed: it misses ${left} entries`);
        end();
      });
      this.#outside(() => {
        void this.#drain().then(() => {
          cancelTimer();
          if (!this.#isClosed) end();
        });
      });
    });
  }

  async #drain(): Promise<void> {
    while (this.#isBusy || this.#items.length > 0 || this.#lost > 0) {
      if (this.#isBusy) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
      else await this.#pump();
    }
    await this.#guarded(() => this.#observer.flush?.());
  }

  #markLoss(): void {
    if (this.#lost === 0) return;
    this.#items.push({ kind: 'gap', count: this.#lost });
    this.#lost = 0;
  }

  #schedule(): void {
    if (this.#isBusy) return;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#outside(() => {
        this.#clock.setTimer(0, () => {
          this.#isScheduled = false;
          void this.#pump();
        });
      });
    }
    // A run that never waits lets no timer fire, so a microtask delivers between two of its turns.
    if (!this.#isHurried && this.#items.length * 2 >= this.#maxPending) {
      this.#isHurried = true;
      this.#outside(() => {
        queueMicrotask(() => {
          this.#isHurried = false;
          void this.#pump();
        });
      });
    }
  }

  /** Delivers everything pending, call by call. Never rejects. */
  async #pump(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let call = this.#next(); call !== undefined; call = this.#next()) {
      const given = this.#guarded(call);
      if (given !== undefined) await given;
      this.#inFlight = 0;
    }
    this.#isBusy = false;
    this.#whenIdle();
  }

  /** The next call to the observer: a batch of entries with the loss before it, a rest, or a recording. */
  #next(): (() => void | Promise<void>) | undefined {
    if (this.#items.length === 0) this.#markLoss();
    const observer = this.#observer;
    const [first] = this.#items;
    if (first === undefined) return undefined;
    if (first.kind === 'rest') {
      this.#items.shift();
      return () => observer.rested?.(first.run, first.rest);
    }
    if (first.kind === 'recording') {
      this.#items.shift();
      return () => observer.recorded?.(first.run, first.recording);
    }
    const dropped = first.kind === 'gap' ? first.count : 0;
    const from = first.kind === 'gap' ? 1 : 0;
    const stop = this.#items.findIndex((item, index) => index >= from && item.kind !== 'entry');
    const taken = this.#items.splice(0, stop < 0 ? this.#items.length : stop).slice(from);
    const entries = taken.flatMap((item) => (item.kind === 'entry' ? [item.observed] : []));
    this.#inFlight = entries.length;
    return () => observer.observe(entries, { dropped });
  }

  /** Undefined if the observer finished synchronously, so that a quick one never yields to the event loop. */
  #guarded(call: () => void | Promise<void>): Promise<void> | undefined {
    const onError = (thrown: unknown): void => this.#warn('threw', `threw: ${messageOf(thrown)}`);
    try {
      const given = call();
      return given === undefined ? undefined : Promise.resolve(given).catch(onError);
    } catch (thrown) {
      onError(thrown);
      return undefined;
    }
  }

  /** Warns once per kind of problem. */
  #warn(kind: string, what: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    const { name } = this.#observer;
    const who = name === undefined ? 'an observer' : `observer "${name}"`;
    process.emitWarning(`${who} ${what}`, { code: 'REPRISE_OBSERVER' });
  }
}
