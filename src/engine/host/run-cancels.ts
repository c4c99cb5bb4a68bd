// Cancels runs of one engine, for its caller and for other processes.
import type { CancelRequest, Lease } from '../../port/store.ts';
import { cancelRun } from '../stored/cancel-run.ts';
import type { ActiveRun } from './active-runs.ts';
import type { HostPorts } from './host-ports.ts';
import type { Owner } from './owner.ts';
import { timeNow } from './store-clock.ts';

export interface CancelledRuns {
  active(runId: string): ActiveRun | undefined;
  /** Settles when it has been begun or taken over, if it is about to be. */
  changing(runId: string): Promise<unknown> | undefined;
  /** Drives a run that ends once it has cleaned up. */
  takeOver(runId: string): Promise<unknown>;
  /** @throws RepriseError `engine-closed` */
  checkOpen(): void;
}

export class RunCancels {
  readonly #ports: Pick<HostPorts, 'clock' | 'store'>;
  readonly #owner: Owner;
  readonly #runs: CancelledRuns;

  constructor(ports: Pick<HostPorts, 'clock' | 'store'>, owner: Owner, runs: CancelledRuns) {
    this.#ports = ports;
    this.#owner = owner;
    this.#runs = runs;
  }

  /** Returns whether there was anything left to cancel. */
  async cancel(runId: string, reason: unknown): Promise<boolean> {
    for (let turn = this.#runs.changing(runId); turn !== undefined; turn = this.#runs.changing(runId)) await turn;
    const active = this.#runs.active(runId);
    if (active?.stop.cancel(reason) === true) return true;
    // It is stopping for another reason. What it leaves behind can still be cancelled.
    await active?.result.catch(() => undefined);
    this.#runs.checkOpen();
    return this.#cancelStored(runId, reason);
  }

  async #cancelStored(runId: string, reason: unknown): Promise<boolean> {
    const { clock, store } = this.#ports;
    const now = (): Promise<number> => timeNow(clock);
    const letGo = (lease: Lease): Promise<void> => this.#owner.letGo(lease);
    const cancelled = await cancelRun(store, { runId, reason, claim: this.#owner.claim().claim, now, letGo });
    // Where it cannot be driven here the request stays in the store, for a process that can.
    if (cancelled === 'left to clean up') await this.#runs.takeOver(runId).catch(() => undefined);
    return cancelled !== 'had ended';
  }

  /** Another process wants a run of this engine's to be cancelled. One that it no longer drives ends here. */
  requested({ runId, reason }: CancelRequest): void {
    const active = this.#runs.active(runId);
    if (active !== undefined) active.stop.cancel(reason);
    else if (this.#runs.changing(runId) === undefined)
      // The request stays in the store, and is seen again.
      this.#cancelStored(runId, reason).catch(() => undefined);
  }
}
