/** Checks an invariant of our own code. A failure is a bug in Reprise, never a mistake of the user. */
export function assert(condition: boolean, belief: string): asserts condition {
  if (!condition) throw new AssertionFault(belief);
}

/** The moves that a state machine may make: from each state, the states that may follow. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Asserts that a state machine makes a legal move. `machine` names it: "a task". */
export function assertMove<State extends string>(moves: Moves<State>, from: State, to: State, machine: string): void {
  if (!moves[from].includes(to)) throw new AssertionFault(`${machine} went from ${from} to ${to}`);
}

export class AssertionFault extends Error {
  readonly code = 'internal';
  constructor(belief: string) {
    super(`This is a bug in Reprise, please report it: ${belief}`);
    this.name = 'AssertionFault';
  }
}
