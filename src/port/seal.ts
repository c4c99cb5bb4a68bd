// The rule of a replay about its own nodes: nothing that they try reaches the outside. A world that has a seal is that of a
// replay; the doors of this process (live/seal) ask the seal of the attempt in whose context something tries to leave.

/** Something that reaches the outside other than by a recorded exchange or an effect. */
export interface OutsideCall {
  /** For example "a TCP connection to 127.0.0.1:5432". */
  readonly what: string;
  /** The attempt that tried it, and its node. Absent if it was tried outside of any node. */
  readonly at?: string;
  readonly node?: string;
  /** Where it was tried. */
  readonly stack: string;
}

export interface Seal {
  /** What the run performs is let through, and all that it takes to perform it. */
  readonly letsPerform?: boolean;
  /** Takes note of a call and gives the error that refuses it. */
  refuse(call: OutsideCall): Error;
  /** Takes note of a call that left although it was refused. */
  left(call: OutsideCall): void;
  /** Takes note of an error that code of an ended attempt threw where nobody could catch it. */
  threw(at: string, node: string, thrown: unknown): void;
  /** Takes note of a request that is no part of the run. It was answered with a placeholder. */
  answeredOutside(request: AnsweredRequest): void;
  /** Takes note of a request for a credential that is no part of the run, and goes out where the run may perform. */
  passedOutside?(request: AnsweredRequest): void;
}

export interface AnsweredRequest {
  /** The name under which the endpoint is listed, or the pattern that a project gave. */
  readonly endpoint: string;
  readonly host: string;
}
