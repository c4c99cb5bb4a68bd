// Readers of an engine's runs, and of any run of its store.
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { EngineClock } from '../../port/clock.ts';
import type { RunStatus, RunStore, RunSummary } from '../../port/store.ts';
import { Gate } from '../../stream/gate.ts';
import { JournalGrowth } from '../../stream/journal-growth.ts';
import type { Standing, WatchRun } from '../../stream/journal-growth.ts';
import type { JournalReaderSetup } from '../../stream/journal/journal-reader.ts';
import type { Tail } from '../../stream/journal/tail.ts';
import { Pace } from '../../stream/pace.ts';
import { checkedRead } from '../../stream/read-options.ts';
import type { ReadOptions } from '../../stream/read-options.ts';
import { Reader } from '../../stream/reader.ts';
import type { CheckedStream } from '../options/stream-options.ts';
import { isAsleep } from '../stored/asleep.ts';
import { finishedRun } from '../stored/finished-run.ts';
import { timeNow } from './store-clock.ts';

const growing: Standing = { is: 'growing' };

export interface ReadersSetup {
  readonly clock: EngineClock;
  readonly store: RunStore;
  /** Whether readers see what is not in the store yet. */
  readonly readsTail: boolean;
  /** The journal of a run that is driven here. */
  readonly tailOf: (runId: string) => Tail | undefined;
  /** How a run ends that is still driven, here or elsewhere. */
  readonly result: (runId: string) => Promise<AnyRun>;
  readonly cancel: (runId: string, reason: unknown) => Promise<boolean>;
  /** @throws where the engine is closed */
  readonly checkOpen: () => void;
  readonly isOpen: () => boolean;
}

export class RunReaders {
  readonly #setup: ReadersSetup;
  readonly #growth: JournalGrowth;

  constructor(setup: ReadersSetup) {
    this.#setup = setup;
    const { clock, store } = setup;
    const { watch } = store;
    const watchRun: WatchRun | undefined =
      watch === undefined ? undefined : (runId, onChange) => watch.call(store, { runId }, onChange);
    this.#growth = new JournalGrowth(clock, watchRun);
  }

  /** The journal of a run that is driven here has grown, or the run is no longer driven here. */
  tell(runId: string): void {
    this.#growth.tell(runId);
  }

  /** The engine is closed: readers are let go, each with its place. */
  close(): void {
    this.#growth.tellAll();
  }

  /** A reader of the run that `begin` begins with a gate for its nodes. */
  stream(
    runId: string,
    read: CheckedStream,
    begin: (gate: Gate) => Promise<{ readonly result: Promise<AnyRun> }>,
  ): Reader {
    const highWaterMark = read.onSlow === 'wait' ? read.highWaterMark : Number.POSITIVE_INFINITY;
    const gate = new Gate({ clock: this.#setup.clock, highWaterMark, stallMs: read.stallTimeoutMs });
    const started = begin(gate);
    let isSettled = false;
    const result = started.then((begun) => begun.result);
    const settle = (): void => {
      isSettled = true;
      this.tell(runId);
    };
    result.then(settle, settle);
    return new Reader({
      runId,
      started,
      read: {
        ...read,
        ...this.#ports(runId, () => (isSettled ? { is: 'over' } : growing)),
        onMissed: (count) => gate.took(count),
      },
      gate,
      wasOpen: false,
      detachAt: read.onSlow === 'detach' ? read.highWaterMark : Number.POSITIVE_INFINITY,
      result: () => result,
      endOf: () => result,
      cancel: (reason) => this.#setup.cancel(runId, reason),
    });
  }

  /** A reader of any run of the store, under way here or elsewhere, or ended. */
  read(runId: string, options: ReadOptions): Reader {
    const { clock, store, tailOf, result, cancel, checkOpen, isOpen } = this.#setup;
    const { speed, ...read } = checkedRead(options);
    /** How it was when it was found asleep. */
    let asleep: RunSummary | undefined;
    const look = async (): Promise<Standing> => {
      checkOpen();
      const before = asleep;
      asleep = undefined;
      if (tailOf(runId) !== undefined) return growing;
      const summary = await store.find(runId);
      if (summary === undefined) return growing;
      // A reader that has so many entries has nothing else to ask for.
      if (isUnderWay(summary.status))
        return summary.isDamaged === true ? growing : { is: 'growing', entryCount: summary.entryCount };
      if (summary.status !== 'paused') return { is: 'over', summary };
      const { entryCount } = summary;
      if (before?.entryCount !== entryCount && !(await isAsleep(store, summary, await timeNow(clock)))) {
        // Meanwhile it may have taken what it waited for.
        const after = await store.find(runId);
        return after?.status === 'paused' && after.entryCount === entryCount ? { is: 'over', summary } : growing;
      }
      asleep = summary;
      return { is: 'asleep', entryCount };
    };
    const sleepMs = (): number => (asleep?.wakeAt ?? 0) - clock.now();
    const pace = speed === undefined ? {} : { pace: new Pace(clock, speed) };
    return new Reader({
      runId,
      started: Promise.resolve(),
      read: { ...read, ...this.#ports(runId, look, sleepMs), ...pace },
      gate: undefined,
      wasOpen: isOpen(),
      detachAt: Number.POSITIVE_INFINITY,
      result: () => result(runId),
      // The run may have been resumed meanwhile: what was read is of the run as it stood.
      endOf: (summary) => (summary === undefined ? result(runId) : finishedRun(store, summary, clock.now())),
      cancel: (reason) => cancel(runId, reason),
    });
  }

  #ports(
    runId: string,
    standing: JournalReaderSetup['growth']['standing'],
    sleepMs = (): number => 0,
  ): Pick<JournalReaderSetup, 'store' | 'growth' | 'tail' | 'readsUnstored'> {
    const { store, readsTail, tailOf } = this.#setup;
    return {
      store,
      growth: { changed: () => this.#growth.changed(runId, tailOf(runId) !== undefined, sleepMs()), standing },
      tail: () => tailOf(runId),
      readsUnstored: readsTail,
    };
  }
}

/** More of it will come without anybody having to ask for it. */
function isUnderWay(status: RunStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'interrupted';
}
