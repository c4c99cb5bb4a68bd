// The options of `engine.read`: where reading begins, and in which order.
import { numberIn, oneOf, text } from '../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import type { StreamOrder } from './journal/position.ts';

export interface StartOptions {
  /**
   * `arrival` (the default): as chunks arrive; each has its key, so the order within a node is always kept. `canonical`:
   * the same total order in every schedule; the lowest rank streams live, and higher ranks follow when it is done.
   */
  readonly order?: StreamOrder;
  /** The cursor of the last item that was seen: exactly the rest follows, across any number of reconnects. */
  readonly from?: string;
}

/**
 * Where `engine.read` begins and how fast it plays back. Without options it gives everything from the beginning of the
 * run.
 */
export interface ReadOptions extends StartOptions {
  /**
   * How fast a past run is played back, for a demonstration: 1 at its original speed, 2 in half the time. By default
   * everything that is there comes at once.
   */
  readonly speed?: number;
}

export interface CheckedStart {
  readonly order: StreamOrder;
  readonly from?: string;
}

export const startKinds = { order: oneOf('arrival', 'canonical'), from: text };

export const readOptions = optionShape<ReadOptions>('engine.read', { ...startKinds, speed: numberIn({ above: 0 }) });

/** @throws RepriseError `option-invalid` */
export function checkedRead(options: ReadOptions): CheckedStart & { readonly speed?: number } {
  checkOptions(readOptions, options);
  const { speed } = options;
  return { ...startOf(options), ...(speed === undefined ? {} : { speed }) };
}

export function startOf({ order = 'arrival', from }: StartOptions): CheckedStart {
  return { order, ...(from === undefined ? {} : { from }) };
}
