// `context.race`: functions that run side by side, and the record of who won.
//   R1. The first branch that succeeds wins. One that fails is out, and if all are, the race fails with their errors.
//   R2. The decision is an effect. One that the journal holds is followed, whichever branch is faster this time.
//   R3. Once the race is decided, the other branches have lost: what they have open is given up, and then their signals
//       abort.
//   R4. A decision that is followed comes when its winner has succeeded, and after all that the losers are known to have
//       got before it. So the node finds what they did as it was.
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { EffectOutcome } from '../../../journal/entry.ts';
import { branchPath } from '../../../journal/step/race.ts';
import { asThrown } from '../../../journal/error/stacks.ts';
import { currentTask } from '../../../port/task.ts';
import type { AnsweredBefore } from '../../../port/world.ts';
import { thrownValue } from '../../rules/failure.ts';
import type { AttemptTasks } from '../scope/attempt-tasks.ts';
import { keptEffect } from '../effect/effect-policy.ts';
import type { Effect, EffectKind } from '../effect/effect.ts';
import type { EffectProtocol } from '../effect/effect-protocol.ts';
import type { Readiness } from '../effect/kind-of-effect.ts';
import { lostError } from './attempt-races.ts';
import { FollowedDecision } from './followed-decision.ts';

export interface RaceResult {
  readonly branch: string;
  readonly value: unknown;
}

export type Branches = Readonly<Record<string, (signal: AbortSignal) => unknown>>;

interface Branch {
  readonly name: string;
  readonly path: string;
  readonly abort: AbortController;
  state:
    | { readonly kind: 'running' }
    | { readonly kind: 'succeeded'; readonly value: unknown }
    | { readonly kind: 'failed'; readonly error: unknown }
    | { readonly kind: 'lost' };
}

interface RaceSetup {
  readonly name: string;
  readonly branches: readonly Branch[];
  readonly resolve: (result: RaceResult) => void;
  readonly reject: (error: unknown) => void;
}

/** @throws RepriseError `effect-missing`: a replay holds no such race */
export function raced(
  protocol: EffectProtocol,
  tasks: AttemptTasks,
  name: string,
  functions: Branches,
): Promise<RaceResult> {
  const place = tasks.place(name);
  const branches = Object.keys(functions).map((branch): Branch => {
    const path = branchPath(place.path, branch);
    return { name: branch, path, abort: new AbortController(), state: { kind: 'running' } };
  });
  return currentTask.run(
    place,
    () =>
      new Promise((resolve, reject) => {
        const race = new Race(protocol, tasks, { name, branches, resolve, reject });
        race.begin(functions);
      }),
  );
}

class Race implements EffectKind {
  readonly delivery = 'decision';
  readonly policy = keptEffect;
  readonly #protocol: EffectProtocol;
  readonly #tasks: AttemptTasks;
  readonly #setup: RaceSetup;
  #effect: Effect | undefined;
  #winner: Branch | undefined;
  /** Set while a decision is followed. */
  #followed: FollowedDecision | undefined;

  constructor(protocol: EffectProtocol, tasks: AttemptTasks, setup: RaceSetup) {
    this.#protocol = protocol;
    this.#tasks = tasks;
    this.#setup = setup;
  }

  begin(functions: Branches): void {
    const { name, branches } = this.#setup;
    const request = canonicalValue(
      branches.map((branch) => branch.name),
      `the branches of race "${name}"`,
    );
    this.#protocol.ask({ type: 'race', name, request }, this);
    for (const branch of branches)
      if (branch.state.kind === 'running') this.#start(branch, functions[branch.name] as Branches[string]);
  }

  #start(branch: Branch, run: Branches[string]): void {
    const {
      life,
      attempt,
      open: { races },
    } = this.#protocol;
    const around = races.signalAt(branch.path) ?? life.signal;
    const signal = AbortSignal.any([around, branch.abort.signal]);
    races.enter({ path: branch.path, signal });
    const call = async (): Promise<unknown> => run(signal);
    currentTask.run({ attempt, path: branch.path }, call).then(
      (value) => this.#settled(branch, { kind: 'succeeded', value }),
      (error: unknown) => this.#settled(branch, { kind: 'failed', error }),
    );
  }

  #settled(branch: Branch, state: Branch['state'] & { readonly kind: 'succeeded' | 'failed' }): void {
    if (branch.state.kind !== 'running') return;
    branch.state = state;
    if (this.#winner !== undefined) {
      if (branch === this.#winner) this.#finish(branch);
    } else if (this.#followed !== undefined) this.#followed.settled(branch.name);
    else if (state.kind === 'succeeded') this.#effect?.settle({ kind: 'value', value: branch.name });
    else if (this.#setup.branches.every(({ state: { kind } }) => kind === 'failed'))
      this.#effect?.settle(this.#failure);
  }

  get #failure(): EffectOutcome {
    const { name, branches } = this.#setup;
    const errors = branches.map(({ state }) => (state.kind === 'failed' ? state.error : undefined));
    const error = new AggregateError(errors, `every branch of the race "${name}" failed`);
    return { kind: 'error', error: thrownValue(error, undefined, this.#protocol.setup.parts) };
  }

  expect({ outcome, gotByLosers = 0, isKept }: AnsweredBefore): Readiness | undefined {
    if (outcome.kind === 'error' || isKept === true) return undefined;
    const { clock } = this.#protocol.setup.parts;
    const winner = String(outcome.value);
    const losers = this.#setup.branches.filter(({ name }) => name !== winner).map(({ path }) => path);
    this.#followed = new FollowedDecision(this.#protocol.open.races, clock, { winner, losers, gotByLosers });
    return this.#followed;
  }

  /** No branch has settled when this is called. */
  perform(effect: Effect): void {
    this.#effect = effect;
  }

  release(): void {
    this.#followed?.withdraw();
  }

  resolve(outcome: EffectOutcome): void {
    const { branches, reject } = this.#setup;
    if (outcome.kind === 'error') {
      reject(asThrown(outcome.error, this.#protocol.setup.parts.run.semantics));
      return;
    }
    const winner = branches.find(({ name }) => name === outcome.value);
    if (winner === undefined) {
      reject(this.#noBranch(outcome));
      return;
    }
    this.#winner = winner;
    for (const branch of branches) if (branch !== winner) this.#lose(branch, winner);
    if (winner.state.kind !== 'running') this.#finish(winner);
  }

  #lose(branch: Branch, winner: Branch): void {
    const reason = lostError(this.#setup.name, branch.name, winner.name);
    branch.state = { kind: 'lost' };
    this.#tasks.end(branch.path);
    this.#protocol.open.races.lose(branch.path, reason, branch.abort);
  }

  /** The winner has settled, and the decision is made. One that was followed may have another winner than code deserves. */
  #finish({ name, state }: Branch): void {
    if (state.kind === 'succeeded') this.#setup.resolve({ branch: name, value: state.value });
    else if (state.kind === 'failed') this.#setup.reject(state.error);
  }

  #noBranch(outcome: EffectOutcome & { readonly kind: 'value' }): RepriseError {
    const { name } = this.#setup;
    return new RepriseError('effect-missing', `the race "${name}" was won by something that is no branch of it`, {
      nextStep: 'Record the run again: this recording was changed by hand.',
      fields: { winner: outcome.value },
    });
  }

  /** The attempt was stopped. Code that is suspended is not told. */
  reject(error: Error): void {
    if (this.#protocol.life.mayStillRun) this.#setup.reject(error);
  }
}
