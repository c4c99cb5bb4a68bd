import { checkOptionKeys } from '../base/option-check.ts';
import { RepriseError } from '../base/error.ts';
import type { StreamOrder } from './cursor.ts';

export interface PlaceOptions {
  /**
   * `arrival` (the default): as chunks come; each has its key, so order within a node is always kept. `canonical`: the
   * same total order in every schedule; the lowest rank streams live, higher ranks follow when it is done.
   */
  readonly order?: StreamOrder;
  /** The cursor of the last item that was seen: exactly the rest follows, over any number of reconnects. */
  readonly from?: string;
}

export interface ReadOptions extends PlaceOptions {
  /**
   * How fast a run that was is played: 1 as it was, 2 in half of the time, for a demonstration. By default everything that
   * is there comes at once.
   */
  readonly speed?: number;
}

export interface CheckedPlace {
  readonly order: StreamOrder;
  readonly from?: string;
}

export const placeKeys = ['order', 'from'];

/** @throws RepriseError `option-invalid` */
export function checkedRead(options: ReadOptions): CheckedPlace & { readonly speed?: number } {
  checkOptionKeys(options, [...placeKeys, 'speed'], 'engine.read');
  const { speed } = options;
  if (speed !== undefined && !(Number.isFinite(speed) && speed > 0))
    throw invalid('speed', 'a number above 0: 1 is as fast as it was');
  return { ...placeOptions(options), ...(speed === undefined ? {} : { speed }) };
}

export function placeOptions({ order = 'arrival', from }: PlaceOptions): CheckedPlace {
  if (order !== 'arrival' && order !== 'canonical') throw invalid('order', '"arrival" or "canonical"');
  if (from !== undefined && typeof from !== 'string') throw invalid('from', 'the cursor of an item');
  return { order, ...(from === undefined ? {} : { from }) };
}

export function invalid(option: string, wanted: string): RepriseError {
  return new RepriseError('option-invalid', `option "${option}" does not fit`, {
    nextStep: `Give ${wanted}.`,
    fields: { option },
  });
}
