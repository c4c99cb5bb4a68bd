// Hands out the errands of the runs that this engine drives, and sees them come back.
//   D1. What is handed out stays in the store until its step is committed: who drives the run next finds it there. A process
//       drops what it has handed out itself, and all of a run only once that is over for good.
//   D2. Ended errands are told in the order in which this process learns of them.
//   D3. An errand that nobody has is taken before it is stopped, so that nobody begins it. What a worker has begun, and what
//       has something to clean up, is stopped by a worker.
//   D4. A store that went back may have forgotten errands. They are handed out again; those that are there stay as they are.
import { RepriseError } from '../../../base/error.ts';
import type { Value } from '../../../base/value.ts';
import { errandId, errandName } from '../../../journal/errand.ts';
import type { Clock } from '../../../port/clock.ts';
import type { EndedErrand } from '../../../port/errands.ts';
import { outsideAttempts } from '../../../port/attempt.ts';
import type { Claim, Lease } from '../../../port/store.ts';
import type { ErrandStore } from '../../options/errand-store.ts';
import type { Errands, HandedOut, WantedErrand } from '../../run/errands.ts';
import type { Out, RunErrands } from './handed-out.ts';
import { endOfErrand, stoppedErrand } from './errand-end.ts';
import { ErrandWrites } from './errand-writes.ts';

/** How soon it is looked for ended errands, and how seldom while none ends: less often where the store tells of them. */
const lookMsMin = 5;
const lookMsMax = 200;
const lookMsTold = 1_000;
/** So many go with one statement at most. */
const groupMax = 100;
/** How often it is seen to that what was handed out is there. */
const goneMs = 5_000;
/** So long an errand waits until it is said that no worker takes it. */
const unclaimedMs = 10_000;

export interface DeskSetup {
  readonly store: ErrandStore;
  readonly clock: Clock;
  /** Of this process, for what it takes back. */
  readonly claim: Claim;
}

export class ErrandDesk implements Errands {
  readonly #setup: DeskSetup;
  readonly #runs = new Map<string, RunErrands>();
  readonly #writes: ErrandWrites;
  /** What is about to be created. */
  readonly #preparing: Out[] = [];
  #isCreating = false;
  #afterMs = lookMsMin;
  #stopTimer: (() => void) | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(setup: DeskSetup) {
    this.#setup = setup;
    this.#writes = new ErrandWrites(setup.store, setup.clock);
  }

  handOut(wanted: WantedErrand): HandedOut {
    let isCreated: () => void = () => undefined;
    const created = new Promise<void>((resolve) => {
      isCreated = resolve;
    });
    const since = this.#setup.clock.now();
    const out: Out = {
      wanted,
      id: errandId(wanted.place),
      since,
      isCreated,
      isOver: false,
      isHandedOut: false,
      isOld: false,
    };
    const run = this.#runOf(wanted.place.runId);
    run.open.set(out.id, out);
    run.ids.add(out.id);
    void outsideAttempts(() => this.#prepare(out));
    return {
      stop: (why) => void created.then(() => outsideAttempts(() => this.#stop(out, why))),
      letGo: () => this.#close(out),
    };
  }

  stepCommitted(runId: string): void {
    const run = this.#forgotten(runId);
    if (run !== undefined) this.#writes.drop(runId, run.ids);
  }

  runEnded(runId: string, isOver: boolean): void {
    const run = this.#forgotten(runId);
    if (isOver) this.#writes.drop(runId, undefined);
    else if (run !== undefined) this.#writes.drop(runId, run.ids);
  }

  #forgotten(runId: string): RunErrands | undefined {
    const run = this.#runs.get(runId);
    run?.watch?.stop();
    this.#runs.delete(runId);
    return run;
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer?.();
    for (const { watch } of this.#runs.values()) watch?.stop();
    await this.#writes.settled();
  }

  #runOf(runId: string): RunErrands {
    let run = this.#runs.get(runId);
    if (run === undefined) {
      const watch = this.#setup.store.watch?.({ errandsOf: runId }, () => this.#lookSoon());
      run = { open: new Map(), ids: new Set(), watch, isNoted: false, seenToAt: this.#setup.clock.now() };
      this.#runs.set(runId, run);
    }
    return run;
  }

  async #prepare(out: Out): Promise<void> {
    const { place, ready } = out.wanted;
    try {
      await this.#writes.dropped(place.runId);
      await ready();
    } catch (thrown) {
      this.#broken(out, thrown);
      return;
    }
    this.#preparing.push(out);
    if (!this.#isCreating) await this.#create();
  }

  /** What is handed out meanwhile goes together. */
  async #create(): Promise<void> {
    this.#isCreating = true;
    // Others are about to be ready as well.
    await Promise.resolve();
    while (this.#preparing.length > 0) {
      const group = this.#preparing.splice(0, groupMax).filter(({ isOver }) => !isOver);
      try {
        await this.#createAll(group);
      } catch (thrown) {
        for (const out of group) this.#broken(out, thrown);
      }
      for (const { isCreated } of group) isCreated();
      this.#lookSoon();
    }
    this.#isCreating = false;
  }

  async #createAll(group: readonly Out[]): Promise<void> {
    const there = await this.#writes.write(group);
    for (const out of group) out.isHandedOut = true;
    if (there.length === 0) return;
    // They were handed out in an earlier life of the run, and may have ended.
    const known = new Set(there);
    for (const out of group) if (known.has(out.id)) await this.#withdrawOld(out);
  }

  async #handOutForgotten(run: RunErrands): Promise<void> {
    const now = this.#setup.clock.now();
    if (now - run.seenToAt < goneMs) return;
    run.seenToAt = now;
    const out = [...run.open.values()].filter(({ isHandedOut, isOld }) => isHandedOut && !isOld);
    for (let first = 0; first < out.length; first += groupMax) {
      const group = out.slice(first, first + groupMax).filter(({ isOver }) => !isOver);
      if (group.length > 0) await this.#writes.write(group);
    }
  }

  #broken(out: Out, thrown: unknown): void {
    if (this.#close(out)) out.wanted.over({ kind: 'broken', thrown });
  }

  /**
   * No worker of today takes what an older version of the graph has handed out. Taken back, it is handed out again. A worker of
   * that version which lives ends what it has.
   */
  async #withdrawOld(out: Out): Promise<void> {
    const { store, clock } = this.#setup;
    const found = await store.find(out.id);
    const isFree = found?.status === 'queued' || found?.status === 'interrupted';
    out.isOld = (isFree || found?.status === 'running') && found.graph !== errandName(out.wanted.kind);
    if (!out.isOld) return;
    const lease = isFree ? undefined : await this.#takenFromDead(out);
    if (isFree || lease !== undefined)
      await this.#stop(out, { why: 'failure', observed: { time: clock.now() } }, lease);
  }

  async #takenFromDead({ id }: Out): Promise<Lease | undefined> {
    try {
      return await this.#setup.store.take(id, this.#setup.claim);
    } catch (thrown) {
      if (isOthers(thrown)) return undefined;
      throw thrown;
    }
  }

  async #stop(out: Out, why: Value, taken?: Lease): Promise<void> {
    const { store, clock, claim } = this.#setup;
    if (out.isOver) return;
    try {
      await store.requestCancel(out.id, why);
      const lease = taken ?? (await store.take(out.id, claim));
      const [entries = []] = await store.errands.journals([out.id]);
      if (entries.some(({ kind }) => kind === 'guard')) await store.release(lease);
      else await store.append(lease, [stoppedErrand(why, clock.now())]);
    } catch (thrown) {
      // A worker has it, and hears of this; or it has ended.
      if (!isOthers(thrown)) this.#broken(out, thrown);
    }
    this.#lookSoon();
  }

  /** Returns whether it was still open. */
  #close(out: Out): boolean {
    if (out.isOver) return false;
    out.isOver = true;
    this.#runs.get(out.wanted.place.runId)?.open.delete(out.id);
    return true;
  }

  #lookSoon(): void {
    this.#afterMs = lookMsMin;
    if (!this.#isLooking) this.#lookLater();
  }

  #lookLater(): void {
    this.#stopTimer?.();
    if (this.#isClosed) return;
    const afterMs = this.#afterMs;
    const isTold = [...this.#runs.values()].every(({ watch }) => watch?.isLive === true);
    this.#afterMs = Math.min(afterMs * 2, isTold ? lookMsTold : lookMsMax);
    // It keeps the process alive: nothing else may be under way in it.
    this.#stopTimer = this.#setup.clock.setTimer(afterMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    for (const [runId, run] of this.#runs) {
      if (run.open.size === 0) continue;
      try {
        const ended = await this.#setup.store.errands.ended(runId);
        if (await this.#told(run, ended)) this.#afterMs = lookMsMin;
        for (const out of run.open.values()) if (out.isOld) await this.#withdrawOld(out);
        await this.#handOutForgotten(run);
        await this.#noteUnclaimed(run);
      } catch {
        // The next write of the run reports a store that fails.
      }
    }
    this.#isLooking = false;
    if ([...this.#runs.values()].some(({ open }) => open.size > 0)) this.#lookLater();
  }

  /** Returns whether any of them was waited for. */
  async #told(run: RunErrands, ended: readonly EndedErrand[]): Promise<boolean> {
    const awaited = ended.flatMap(({ errandId: id }) => run.open.get(id) ?? []);
    for (let first = 0; first < awaited.length; first += groupMax) {
      const group = awaited.slice(first, first + groupMax);
      const read = await this.#setup.store.errands.journals(group.map(({ id }) => id));
      for (const [index, out] of group.entries()) if (this.#close(out)) out.wanted.over(endOfErrand(read[index] ?? []));
    }
    return awaited.length > 0;
  }

  async #noteUnclaimed(run: RunErrands): Promise<void> {
    const { store, clock } = this.#setup;
    const [first] = run.open.values();
    if (run.isNoted || first === undefined || clock.now() - first.since < unclaimedMs) return;
    if ((await store.find(first.id))?.status !== 'queued' || first.isOver) return;
    run.isNoted = true;
    first.wanted.unclaimed();
  }
}

function isOthers(thrown: unknown): boolean {
  return thrown instanceof RepriseError && /^(?:run-owned|run-ended|lease-lost)$/.test(thrown.code);
}
