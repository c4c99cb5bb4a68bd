// How readers learn that journals grow: the engine tells them of those that it writes; for those of other processes they
// look again.
import type { Clock } from '../port/clock.ts';
import type { RunSummary, Watch } from '../port/store.ts';

/** How one reader learns that its journal has grown. */
export interface Growth {
  /** Resolves when there may be more to read; asked for before reading. */
  changed(): Promise<void>;
  /** Asked before reading: where nothing more can come, what is read next is all there is. */
  standing(): Standing | Promise<Standing>;
}

/** Whether more of a run may come. */
export type Standing =
  /** Its journal had so many entries, if somebody looked. */
  | { readonly is: 'growing'; readonly entryCount?: number }
  /** It continues by itself, and has nothing new before it does: its journal has so many entries. */
  | { readonly is: 'asleep'; readonly entryCount: number }
  /** `summary`: how it stood, if somebody looked. */
  | { readonly is: 'over'; readonly summary?: RunSummary };

/** How often a reader looks at a run that another process drives, in milliseconds. */
const pollMs = 50;
/** The same where the store tells of growth: what it has told may be lost. */
const netMs = 1_000;
/** How often a reader looks at a run that sleeps, where the store tells of growth and where it does not. */
const asleepNetMs = 4_000;
const asleepPollMs = 1_000;
/** Nobody has asked about a run for so long: it is watched no longer. */
const idleMs = 5_000;

export type WatchRun = (runId: string, onChange: () => void) => Watch;

interface OpenWatch {
  readonly watch: Watch;
  cancelIdle: () => void;
}

interface Net {
  readonly looks: Set<() => void>;
  readonly cancel: () => void;
}

export class JournalGrowth {
  readonly #clock: Clock;
  readonly #watchRun: WatchRun | undefined;
  readonly #waiting = new Map<string, Set<() => void>>();
  /** What is read of runs that other processes drive. */
  readonly #watches = new Map<string, OpenWatch>();
  /** The next look of those that are told of growth. */
  #net: Net | undefined;

  /** `watchRun`: for a store that tells of growth. */
  constructor(clock: Clock, watchRun?: WatchRun) {
    this.#clock = clock;
    this.#watchRun = watchRun;
  }

  /** Resolves when the journal of a run may have grown. `sleepMs`: for how long it is known to sleep, unless it is woken. */
  changed(runId: string, isDrivenHere: boolean, sleepMs = 0): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set();
      const cancel = isDrivenHere
        ? undefined
        : this.#after(this.#lookMs(runId, sleepMs), () => {
            waiting.delete(wake);
            if (waiting.size === 0 && this.#waiting.get(runId) === waiting) this.#waiting.delete(runId);
            resolve();
          });
      const wake = (): void => {
        cancel?.();
        resolve();
      };
      this.#waiting.set(runId, waiting.add(wake));
    });
  }

  /** Those that look only because they may not have been told look together, so that their store may ask once. */
  #after(ms: number, look: () => void): () => void {
    if (ms !== netMs) return this.#clock.setTimer(ms, look);
    this.#net ??= this.#newNet();
    const net = this.#net;
    net.looks.add(look);
    return () => {
      net.looks.delete(look);
      if (net.looks.size > 0 || this.#net !== net) return;
      this.#net = undefined;
      net.cancel();
    };
  }

  #newNet(): Net {
    const looks = new Set<() => void>();
    const cancel = this.#clock.setTimer(netMs, () => {
      this.#net = undefined;
      for (const look of looks) look();
    });
    return { looks, cancel };
  }

  #lookMs(runId: string, sleepMs: number): number {
    const isWatched = this.#isWatched(runId);
    const most = isWatched ? asleepNetMs : asleepPollMs;
    return Math.max(isWatched ? netMs : pollMs, Math.min(sleepMs, most));
  }

  /** Whether the store tells when the run grows. Somebody reads it at this moment. */
  #isWatched(runId: string): boolean {
    if (this.#watchRun === undefined) return false;
    const open = this.#watches.get(runId) ?? {
      watch: this.#watchRun(runId, () => this.tell(runId)),
      cancelIdle: () => undefined,
    };
    this.#watches.set(runId, open);
    open.cancelIdle();
    open.cancelIdle = this.#clock.setTimer(idleMs, () => this.#stopWatch(runId), 'background');
    return open.watch.isLive;
  }

  #stopWatch(runId: string): void {
    const open = this.#watches.get(runId);
    this.#watches.delete(runId);
    open?.cancelIdle();
    open?.watch.stop();
  }

  /** Nothing grows any more. */
  tellAll(): void {
    for (const runId of [...this.#watches.keys()]) this.#stopWatch(runId);
    for (const runId of [...this.#waiting.keys()]) this.tell(runId);
  }

  tell(runId: string): void {
    const waiting = this.#waiting.get(runId);
    if (waiting === undefined) return;
    this.#waiting.delete(runId);
    for (const wake of waiting) wake();
  }
}
