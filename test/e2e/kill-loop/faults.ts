// What is done to the processes of the kill loop: a deck of faults, shuffled again and again by the seed.
import { pause } from '../../support/loopback-server.ts';
import type { ReaderProcess, WorkerProcess } from './processes.ts';

const kinds = {
  kill: 6,
  'kill in a transaction': 4,
  'kill all workers': 1,
  'kill while stopped': 1,
  'kill a reader': 2,
  'stop past the lease': 3,
  'an hour ahead': 2,
  'an hour behind': 2,
} as const;
type Kind = keyof typeof kinds;

const hourMs = 3_600_000;
/** A worker whose clock is off gets the right time again after at most so long. */
const shiftedMsMax = 3_000;
const transactionMsMax = 3_000;

export interface FaultsSetup {
  readonly workers: readonly WorkerProcess[];
  readonly readers: readonly ReaderProcess[];
  readonly draw: () => number;
  readonly leaseMs: number;
}

export class Faults {
  readonly counts = new Map<Kind, number>();
  kills = 0;
  readonly #setup: FaultsSetup;
  #deck: Kind[] = [];
  /** What lasts for a while beside the next faults. */
  readonly #lasting = new Set<Promise<void>>();

  constructor(setup: FaultsSetup) {
    this.#setup = setup;
  }

  async next(): Promise<void> {
    const { draw } = this.#setup;
    await pause(draw() * 350);
    if (this.#deck.length === 0) this.#deck = this.#shuffled();
    const kind = this.#deck.pop() as Kind;
    await this.#do(kind);
  }

  /** Waits for what still lasts; all processes are up, with the right time. */
  async end(): Promise<void> {
    await Promise.all(this.#lasting);
    for (const worker of this.#setup.workers) if (worker.isShifted) worker.jump(0);
  }

  #shuffled(): Kind[] {
    const deck = Object.entries(kinds).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as Kind));
    for (let place = deck.length - 1; place > 0; place -= 1) {
      const other = Math.floor(this.#setup.draw() * (place + 1));
      [deck[place], deck[other]] = [deck[other] as Kind, deck[place] as Kind];
    }
    return deck;
  }

  async #do(kind: Kind): Promise<void> {
    const { workers, readers, draw, leaseMs } = this.#setup;
    const worker = workers[Math.floor(draw() * workers.length)] as WorkerProcess;
    const reader = readers[Math.floor(draw() * readers.length)] as ReaderProcess;
    switch (kind) {
      case 'kill':
        if (draw() < 0.8) await worker.ready.promise;
        return this.#kill(kind, worker);
      case 'kill all workers':
        await Promise.all(workers.map((each) => this.#kill(kind, each)));
        return;
      case 'kill in a transaction': {
        await worker.ready.promise;
        const isIn = await worker.dieInTransaction(1 + Math.floor(draw() * 40), transactionMsMax);
        return this.#kill(isIn ? kind : 'kill', worker);
      }
      case 'kill a reader':
        await reader.ready.promise;
        await reader.kill();
        this.#count(kind);
        this.kills += 1;
        await pause(draw() * 200);
        return reader.restart();
      case 'kill while stopped':
        if (worker.isStopped) return;
        void worker.stopFor(hourMs);
        await pause(leaseMs * (1 + draw()));
        return this.#kill(kind, worker);
      case 'stop past the lease':
        await worker.ready.promise;
        if (worker.isStopped) return;
        this.#count(kind);
        return this.#last(worker.stopFor(leaseMs * (1.2 + draw() * 2)));
      default:
        await worker.ready.promise;
        this.#count(kind);
        return this.#shift(worker, kind === 'an hour ahead' ? hourMs : -hourMs);
    }
  }

  async #kill(kind: Kind, worker: WorkerProcess): Promise<void> {
    await worker.kill();
    this.#count(kind);
    this.kills += 1;
    const { draw } = this.#setup;
    await pause(draw() < 0.5 ? 0 : draw() * 300);
    const drawn = draw();
    const offset = drawn < 0.05 ? hourMs : drawn < 0.1 ? -hourMs : 0;
    worker.restart(offset === 0 ? {} : { KILL_LOOP_OFFSET: String(offset) });
    if (offset !== 0) this.#last(this.#unshift(worker));
  }

  #shift(worker: WorkerProcess, ms: number): void {
    worker.jump(ms);
    this.#last(this.#unshift(worker));
  }

  async #unshift(worker: WorkerProcess): Promise<void> {
    await pause(this.#setup.draw() * shiftedMsMax);
    worker.jump(0);
  }

  #count(kind: Kind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  #last(what: Promise<void>): void {
    const lasting = what.finally(() => this.#lasting.delete(lasting));
    this.#lasting.add(lasting);
  }
}
