// The options of `engine.stream`: those of a run, and those of its reader.
import { numberIn, oneOf, wholeNumber } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { startKinds, startOf } from '../../stream/read-options.ts';
import type { CheckedStart, StartOptions } from '../../stream/read-options.ts';
import { runOptions } from './run-options.ts';
import type { RunOptions } from './run-options.ts';

/**
 * How `engine.stream` runs a graph and delivers what happens, and what becomes of nodes that are faster than the
 * reader.
 */
export interface StreamOptions extends StartOptions, RunOptions {
  /** How many chunks the nodes may be ahead of the reader, if `onSlow` is `wait` or `detach`; 256 by default. */
  readonly highWaterMark?: number;
  /**
   * What happens if the reader is slower than the nodes. `catchUp`: the run continues, and the reader reads the rest back
   * from the journal (the default if chunks are on disk, and in canonical order). `wait`: nodes wait before their next
   * chunk (the default otherwise). `detach`: the reader ends with its cursor.
   */
  readonly onSlow?: 'catchUp' | 'wait' | 'detach';
  /** How long nodes wait for a reader that takes nothing, in milliseconds; 60,000 by default. Then the reader ends. */
  readonly stallTimeoutMs?: number;
}

export interface CheckedStream extends CheckedStart {
  readonly highWaterMark: number;
  readonly onSlow: 'catchUp' | 'wait' | 'detach';
  readonly stallTimeoutMs: number;
}

export const streamOptions = optionShape<StreamOptions>(
  'engine.stream',
  {
    ...startKinds,
    ...runOptions.kinds,
    highWaterMark: wholeNumber({ least: 1 }),
    onSlow: oneOf('catchUp', 'wait', 'detach'),
    stallTimeoutMs: numberIn({ above: 0 }),
  },
  // A reader in canonical order may have to wait for a lower rank, which could be waiting for the reader.
  ({ onSlow, order }) =>
    onSlow === 'wait' && order === 'canonical'
      ? { option: 'onSlow', wanted: '"catchUp" or "detach": in canonical order no node waits for its reader' }
      : undefined,
);

/** @throws RepriseError `option-invalid` */
export function checkedStream(
  options: StreamOptions,
  isDurable: boolean,
): { readonly read: CheckedStream; readonly run: RunOptions } {
  checkOptions(streamOptions, options);
  const { order, from: _from, highWaterMark = 256, onSlow, stallTimeoutMs = 60_000, ...run } = options;
  const standard = isDurable || order === 'canonical' ? 'catchUp' : 'wait';
  const read = { ...startOf(options), highWaterMark, onSlow: onSlow ?? standard, stallTimeoutMs };
  return { read, run };
}
