/**
 * A kind of effect that is recorded without changing the nodes, such as HTTP. Passed to `createEngine({ effects })`.
 */
export interface EffectSource {
  readonly name: string;
  /** Starts intercepting. The returned function restores everything. Engines share a source by reference counting. */
  install(): () => void;
}
