import type { RequestRules } from '../journal/entry.ts';

/**
 * A kind of effect that is recorded without changing the nodes, such as HTTP. Passed to `createEngine({ effects })`.
 */
export interface EffectSource {
  readonly name: string;
  /** By which rules it tells requests apart. A run keeps those that it began with. */
  readonly rules?: RequestRules;
  /** Starts intercepting. The returned function restores everything. Engines share a source by reference counting. */
  install(): () => void;
}
