import { checkOptionKeys } from '../base/option-check.ts';
import { RepriseError } from '../base/error.ts';
import type { RunOptions } from './options.ts';
import type { StreamOrder } from '../stream/cursor.ts';

interface PlaceOptions {
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

export interface StreamOptions extends PlaceOptions, RunOptions {
  /** How many chunks the nodes may be ahead of the reader, where `onSlow` asks; 256 by default. */
  readonly highWaterMark?: number;
  /**
   * What happens where the reader is slower than the nodes. `catchUp`: the run goes on, and the reader reads the rest back
   * from the journal (the default where chunks are on disk). `wait`: nodes wait before their next chunk (the default
   * elsewhere; in canonical order nobody waits). `detach`: the reader is let go with its cursor.
   */
  readonly onSlow?: 'catchUp' | 'wait' | 'detach';
  /** How long nodes wait for a reader that takes nothing, in milliseconds; 60,000 by default. Then it is let go. */
  readonly stallTimeoutMs?: number;
}

interface CheckedPlace {
  readonly order: StreamOrder;
  readonly from?: string;
}

export interface CheckedStream extends CheckedPlace {
  readonly highWaterMark: number;
  readonly onSlow: 'catchUp' | 'wait' | 'detach';
  readonly stallTimeoutMs: number;
}

const placeKeys = ['order', 'from'];
const streamKeys = ['highWaterMark', 'onSlow', 'stallTimeoutMs'];

/** @throws RepriseError `option-invalid` */
export function checkedRead(options: ReadOptions): CheckedPlace & { readonly speed?: number } {
  checkOptionKeys(options, [...placeKeys, 'speed'], 'engine.read');
  const { speed } = options;
  if (speed !== undefined && !(Number.isFinite(speed) && speed > 0))
    throw invalid('speed', 'a number above 0: 1 is as fast as it was');
  return { ...placeOptions(options), ...(speed === undefined ? {} : { speed }) };
}

function placeOptions({ order = 'arrival', from }: PlaceOptions): CheckedPlace {
  if (order !== 'arrival' && order !== 'canonical') throw invalid('order', '"arrival" or "canonical"');
  if (from !== undefined && typeof from !== 'string') throw invalid('from', 'the cursor of an item');
  return { order, ...(from === undefined ? {} : { from }) };
}

/** @throws RepriseError `option-invalid` */
export function checkedStream(
  options: StreamOptions,
  isDurable: boolean,
): { readonly read: CheckedStream; readonly run: RunOptions } {
  const read = placeOptions(options);
  const { order: _order, from: _from, highWaterMark = 256, onSlow, stallTimeoutMs = 60_000, ...run } = options;
  if (!Number.isInteger(highWaterMark) || highWaterMark < 1)
    throw invalid('highWaterMark', 'a whole number, 1 or more');
  if (onSlow !== undefined && onSlow !== 'catchUp' && onSlow !== 'wait' && onSlow !== 'detach')
    throw invalid('onSlow', '"catchUp", "wait" or "detach"');
  if (!Number.isFinite(stallTimeoutMs) || stallTimeoutMs <= 0)
    throw invalid('stallTimeoutMs', 'milliseconds, more than 0');
  checkOptionKeys(
    run,
    ['runId', 'seed', 'signal', 'onExisting', 'timeoutMs', 'pauseBefore', 'pauseAfter', ...placeKeys, ...streamKeys],
    'engine.stream',
  );
  // Who reads in canonical order may have to wait for a lower rank, which could then wait for the reader.
  const standard = isDurable || read.order === 'canonical' ? 'catchUp' : 'wait';
  if (onSlow === 'wait' && read.order === 'canonical')
    throw invalid('onSlow', '"catchUp" or "detach" where the order is canonical: nothing waits for such a reader');
  return { read: { ...read, highWaterMark, onSlow: onSlow ?? standard, stallTimeoutMs }, run };
}

function invalid(option: string, wanted: string): RepriseError {
  return new RepriseError('option-invalid', `option "${option}" does not fit`, {
    nextStep: `Give ${wanted}.`,
    fields: { option },
  });
}
