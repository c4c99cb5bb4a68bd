import { checkOptionKeys } from '../../base/option-check.ts';
import { invalid, placeKeys, placeOptions } from '../../stream/read-options.ts';
import type { CheckedPlace, PlaceOptions } from '../../stream/read-options.ts';
import type { RunOptions } from './run-options.ts';

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

export interface CheckedStream extends CheckedPlace {
  readonly highWaterMark: number;
  readonly onSlow: 'catchUp' | 'wait' | 'detach';
  readonly stallTimeoutMs: number;
}

const streamKeys = ['highWaterMark', 'onSlow', 'stallTimeoutMs'];

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
