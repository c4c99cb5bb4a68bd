// An attempt that a worker makes. It is handed out, and what it has done comes back in one piece.
//   E1. The order of its step knows it as one block, at the place at which it comes back: until then it is due, as an
//       attempt that waits for a slot.
//   E2. What comes back was made by a worker that held the errand alone, and is added as it stands.
//   E3. One that was stopped for a life of the run before this one is handed out again, once the store has confirmed that
//       this life is the last.
import type { Value } from '../../base/value.ts';
import type { AttemptResult, Entry, OutcomeEntry } from '../../journal/entry.ts';
import { lastPlaceOf, placedFrom } from '../../journal/errand.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import { keepStacksOf } from '../../journal/error/stacks.ts';
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
import { Attempt } from '../attempt/attempt.ts';
import type { InnerRun } from '../attempt/attempt.ts';
import type { AttemptSetup } from '../attempt/attempt-setup.ts';
import { stopFacts, stoppedBy } from '../attempt/stop/attempt-stop.ts';
import { codeOf } from '../rules/failure.ts';
import type { ErrandEnd, Errands, HandedOut } from '../run/errands.ts';
import { arrive } from '../run/run-parts.ts';
import type { RunningAttempt } from './task-state.ts';

/** An attempt, made here or by a worker. */
export function attemptFor(setup: AttemptSetup, inner: InnerRun | undefined): RunningAttempt {
  const { node, parts, world } = setup;
  const { errands } = parts;
  const isKnown = world.recorded?.isEnded === true || world.stopping !== undefined;
  return node.policy.on === 'workers' && errands !== undefined && !isKnown
    ? new ErrandAttempt(setup, errands)
    : new Attempt(setup, inner);
}

type State =
  | { readonly kind: 'new' | 'over' }
  | { readonly kind: 'out'; readonly handed: HandedOut; readonly isStopping: boolean };

class ErrandAttempt implements RunningAttempt {
  readonly mayStillRun = false;
  readonly #setup: AttemptSetup;
  readonly #errands: Errands;
  #state: State = { kind: 'new' };
  /** How often it has been handed out before. */
  #again: number;
  #due: number;
  order: OutcomeEntry['observed']['order'];
  /** What the worker saw of its end. */
  observed: OutcomeEntry['observed'] | undefined;

  constructor(setup: AttemptSetup, errands: Errands) {
    this.#setup = setup;
    this.#errands = errands;
    this.#due = setup.due;
    // Its worker has to read what the run's journal holds of it.
    this.#again = setup.world.hasBegun === true ? 1 : 0;
  }

  get at(): AttemptKey {
    return this.#setup.key;
  }
  get task(): TaskKey {
    return taskOfAttempt(this.#setup.key);
  }
  get node(): string {
    return this.#setup.node.name;
  }
  get isCleaningUp(): boolean {
    return this.#state.kind === 'out' && this.#state.isStopping;
  }

  /** No code of it runs here. */
  whenSettled(callback: () => void): void {
    callback();
  }

  start(): void {
    const { node, owner } = this.#setup;
    // It takes up nothing of this process. A limit of its node counts wherever its tasks run.
    if (node.policy.maxConcurrent === undefined) owner.giveSlot();
    this.#handOut(true);
  }

  /** `isSure`: nothing says that the run is another process's by now. */
  #handOut(isSure: boolean): void {
    const { parts, graph, key, node } = this.#setup;
    const { runId, run, journal, notes } = parts;
    const handed = this.#errands.handOut({
      place: { runId, at: key, again: this.#again },
      kind: { graph: graph.name, node: node.name, fingerprint: graph.fingerprint },
      semantics: run.semantics,
      ready: async () => {
        await journal.flush();
        await journal.ready(isSure);
      },
      over: (end) => arrive(parts, 'task', key, () => this.#over(end)),
      unclaimed: () => notes.add({ kind: 'no-workers', at: key, node: node.name, message: unclaimed(node.name) }),
    });
    this.#state = { kind: 'out', handed, isStopping: false };
  }

  #over(end: ErrandEnd): void {
    if (this.#state.kind !== 'out') return;
    const { isStopping } = this.#state;
    const { parts } = this.#setup;
    switch (end.kind) {
      case 'made':
        this.#made(end.entries, isStopping);
        return;
      case 'broken':
        parts.stop.fail('broken', end.thrown);
        return;
      case 'failed':
        this.#failed(end.error);
        return;
    }
  }

  #failed(error: Value): void {
    const { stop } = this.#setup.parts;
    const thrown = error instanceof Error ? error : new Error(String(error));
    if (codeOf(error) === 'resume-diverged') stop.diverge(thrown);
    else stop.end({ status: 'failed', error }, thrown, { isAbrupt: true });
    this.#stopped();
  }

  #made(entries: readonly Entry[], isStopping: boolean): void {
    const { number, parts } = this.#setup;
    const { attempts, numbers } = parts.order;
    const outcome = entries.find((entry) => entry.kind === 'outcome');
    const others = entries.filter((entry) => entry !== outcome);
    const started = attempts.startDue(number);
    // Others that are due did not start before it.
    attempts.wait();
    this.#add(others.filter(isOfAttempt), started);
    // What happened there takes up its places here.
    for (let left = lastPlaceOf(others); left > 0; left -= 1) numbers.give();
    const late = others.filter((entry) => !isOfAttempt(entry));
    if (outcome !== undefined) {
      keepStacksOf(outcome);
      this.order = attempts.end({ due: this.#due, started });
      this.observed = outcome.observed;
      this.#end(outcome.result);
      this.#add(late, started);
      return;
    }
    this.#add(late, started);
    attempts.leave();
    if (isStopping) {
      this.#end(undefined);
      return;
    }
    this.#again += 1;
    this.#due = attempts.due(number);
    this.#handOut(false);
  }

  #add(entries: readonly Entry[], first: number): void {
    const { journal, notes } = this.#setup.parts;
    for (const entry of entries) {
      const placed = placedFrom(entry, first);
      if (placed.kind === 'note') notes.addMade(placed);
      if (placed.kind === 'event') journal.emit(placed, this.node);
      else journal.add(placed);
    }
  }

  /** Stops the attempt from outside, without a result. */
  stop(reason: Error): void {
    if (this.#state.kind !== 'out') return;
    const { parts } = this.#setup;
    const { handed, isStopping } = this.#state;
    if (parts.stop.isLetGo) {
      handed.letGo();
      this.#stopped();
    } else if (!isStopping) {
      this.#state = { kind: 'out', handed, isStopping: true };
      handed.stop(stopFacts(stoppedBy(reason, parts.stop.current), parts.clock.now()) as unknown as Value);
    }
  }

  #stopped(): void {
    if (this.#state.kind === 'over') return;
    this.#setup.parts.order.attempts.giveUp(this.#setup.number);
    this.#end(undefined);
  }

  #end(result: AttemptResult | undefined): void {
    const { owner, parts, world } = this.#setup;
    this.#state = { kind: 'over' };
    parts.oracle.left?.(this.at);
    parts.order.followed.left(world.drawKey);
    world.madeElsewhere?.();
    owner.attemptEnded(result);
  }
}

/** What an exchange that outlived the attempt is recorded as comes after it. */
function isOfAttempt({ kind }: Entry): boolean {
  return kind !== 'pooled';
}

function unclaimed(node: string): string {
  return `no worker takes tasks of node "${node}": start one with engine.work({ tasks: [${JSON.stringify(node)}] })`;
}
