// The options of a SQLite store.
import { anyFunction, filledText, numberIn, oneOf, required } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { objectWith } from '../../base/options/option-parts.ts';
import { checkArgument, checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { StoreCodec } from '../row/codec.ts';
import { machineTime, storeTimeOption } from '../store-time.ts';

/**
 * How a SQLite store writes its file. The defaults survive the death of a process and let several processes share the
 * file.
 */
export interface SqliteStoreOptions {
  /**
   * What a commit survives: the death of the process with `normal` (the default); a power cut as well with `full`, at
   * about a tenth of the speed.
   */
  readonly sync?: 'normal' | 'full';
  /** With `read` nothing is written, so a read-only file is enough. */
  readonly mode?: 'write' | 'read';
  /** How long to wait for another process's write, in milliseconds; 10,000 by default. After that: `store-locked`. */
  readonly busyMs?: number;
  /**
   * How many characters of a run are written before the store adds a checkpoint, so that a resume need not read the
   * whole journal; 65,536 by default, and never less than the checkpoint itself takes. `Infinity` means no checkpoints.
   */
  readonly checkpointLength?: number;
  /** Encrypts the contents of runs with a key of yours. Chosen when the file is created; it cannot be changed later. */
  readonly codec?: StoreCodec;
  /**
   * The time by which claims hold and runs are due, in milliseconds since 1970; by default that of this machine. All who use a
   * file have to agree on it, so it is for tests that wait for nothing.
   */
  readonly now?: () => number;
}

export type StoreSettings = Required<Omit<SqliteStoreOptions, 'codec'>> & { readonly codec: StoreCodec | undefined };

const defaults: StoreSettings = {
  sync: 'normal',
  mode: 'write',
  busyMs: 10_000,
  checkpointLength: 65_536,
  codec: undefined,
  now: machineTime,
};

const path: OptionKind = {
  wanted: 'the path of a file, such as sqliteStore("runs.db")',
  fits: (given) => typeof given === 'string' && given.trim() !== '' && !given.includes('\0'),
};

export const storeOptions = optionShape<SqliteStoreOptions>('sqliteStore', {
  sync: oneOf('normal', 'full'),
  mode: oneOf('write', 'read'),
  busyMs: numberIn({ least: 0, orInfinity: true }),
  checkpointLength: numberIn({ least: 0, orInfinity: true }),
  codec: objectWith('a codec `{ name, encode, decode }`, with a name that is not empty', {
    name: required(filledText),
    encode: required(anyFunction),
    decode: required(anyFunction),
  }),
  now: storeTimeOption,
});

/** @throws RepriseError `option-invalid` */
export function storeSettings(given: string, options: SqliteStoreOptions): StoreSettings {
  checkArgument('sqliteStore', 'path', path, given);
  checkOptions(storeOptions, options);
  const { sync = defaults.sync, mode = defaults.mode, busyMs = defaults.busyMs, codec } = options;
  const { checkpointLength = defaults.checkpointLength, now = defaults.now } = options;
  return { sync, mode, busyMs, checkpointLength, codec, now };
}
