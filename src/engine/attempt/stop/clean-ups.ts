// What an attempt has registered for the case that it is stopped.
//   Q4. They run one after another, the last registered first.
import type { GuardEntry } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';
import { cleanUpKey } from '../../../journal/key.ts';
import type { AttemptWorld } from '../../../port/world.ts';
import type { AttemptOwner, AttemptSetup } from '../attempt-setup.ts';
import { CleanUp } from './clean-up.ts';
import type { CleanUpFunction, Registered } from './clean-up.ts';

/** A clean-up keeps no slot of its own, and nothing follows from its end but the next one. */
const noOwner: AttemptOwner = {
  attemptEnded: () => undefined,
  mayRetry: () => false,
  giveSlot: () => undefined,
  takeSlotAgain: (resume) => resume(false),
};

export class CleanUps {
  readonly #setup: AttemptSetup;
  readonly #registered: Registered[] = [];
  #running: CleanUp | undefined;

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** `undoes`: the names of effects that it takes back. */
  register(call: CleanUpFunction, undoes: readonly string[]): void {
    this.#registered.push({ call, undoes });
    if (this.#registered.length === 1) this.#guard();
  }

  /** Where this attempt is dropped, the next process has to know that there may be something to clean up. */
  #guard(): void {
    const { parts, key, node, world } = this.#setup;
    const entry: GuardEntry = { kind: 'guard', at: key, node: node.name, observed: { time: parts.clock.now() } };
    const journal = (): void => parts.journal.add(entry);
    if (world.keepBack?.(journal) !== true) journal();
  }

  /** Whether there is any to run. A replay runs only those that are canonical. */
  get isNeeded(): boolean {
    return this.#registered.length > 0 && this.#setup.world.cleanUp?.(0) !== undefined;
  }

  /** Runs them. `done` is called once, unless they are dropped. */
  run(done: () => void): void {
    this.#runFrom(this.#registered.length - 1, done);
  }

  #runFrom(number: number, done: () => void): void {
    const registered = this.#registered[number];
    const world = this.#setup.world.cleanUp?.(number);
    if (registered === undefined || world === undefined) {
      this.#running = undefined;
      done();
      return;
    }
    this.#running = new CleanUp(this.#setupOf(cleanUpKey(this.#setup.key, number), world), registered, () =>
      this.#runFrom(number - 1, done),
    );
    this.#running.start();
  }

  drop(reason: Error): void {
    this.#running?.drop(reason);
    this.#running = undefined;
  }

  #setupOf(key: AttemptKey, world: AttemptWorld): AttemptSetup {
    const { node, parts } = this.#setup;
    const timed = { ...node, policy: { timeoutMs: parts.settings.cleanupMs } };
    return { ...this.#setup, key, world, node: timed, owner: noOwner };
  }
}
