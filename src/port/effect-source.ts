/** A kind of effect that is caught without a change to the node, such as HTTP. Given to `createEngine({ effects })`. */
export interface EffectSource {
  readonly name: string;
  /** Begins to catch; the returned function gives everything back as it was. Engines share a source by counting. */
  install(): () => void;
}
