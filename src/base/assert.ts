/** A belief about our own code that must hold. A failure is a fault of Reprise, never of the user. */
export function assert(condition: boolean, belief: string): asserts condition {
  if (!condition) throw new AssertionFault(belief);
}

export class AssertionFault extends Error {
  readonly code = 'internal';
  constructor(belief: string) {
    super(`This is a fault of Reprise, please report it: ${belief}`);
    this.name = 'AssertionFault';
  }
}
