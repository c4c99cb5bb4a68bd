import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import type { StoreCodec } from './codec.ts';

export interface SqliteStoreOptions {
  /**
   * What a commit survives: `normal` (the default) the death of the process, `full` a power cut as well, at about a
   * tenth of the speed.
   */
  readonly sync?: 'normal' | 'full';
  /** `read`: nothing is written, and a read-only file will do. */
  readonly mode?: 'write' | 'read';
  /** How long to wait for another process's write, in milliseconds; 10,000 by default. Beyond: `store-locked`. */
  readonly busyMs?: number;
  /**
   * How much of a run is written, in characters, before where it stands is written as well, so that going on with it need
   * not read all of it; 65,536 by default, and at least as much as that takes. `Infinity`: never.
   */
  readonly checkpointLength?: number;
  /** Encrypts what runs hold, with a key of yours. Chosen when the file is made, and for good. */
  readonly codec?: StoreCodec;
}

export type StoreSettings = Required<Omit<SqliteStoreOptions, 'codec'>> & { readonly codec: StoreCodec | undefined };

const defaults: StoreSettings = {
  sync: 'normal',
  mode: 'write',
  busyMs: 10_000,
  checkpointLength: 65_536,
  codec: undefined,
};

/** @throws RepriseError `option-invalid` */
export function storeSettings(path: string, options: SqliteStoreOptions): StoreSettings {
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0'))
    throw invalid('sqliteStore needs the path of a file', 'Give one: sqliteStore("runs.db").');
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(defaults, name)) continue;
    const known = Object.keys(defaults);
    const near = nearestName(name, known);
    throw invalid(
      `sqliteStore has no option "${name}"`,
      near === undefined ? `Its options are ${known.join(', ')}.` : `Did you mean "${near}"?`,
    );
  }
  const { sync = defaults.sync, mode = defaults.mode, busyMs = defaults.busyMs, codec } = options;
  const { checkpointLength = defaults.checkpointLength } = options;
  if (sync !== 'normal' && sync !== 'full') throw invalid('option "sync" is unknown', 'Give "normal" or "full".');
  if (mode !== 'write' && mode !== 'read') throw invalid('option "mode" is unknown', 'Give "write" or "read".');
  if (typeof busyMs !== 'number' || !(busyMs >= 0))
    throw invalid('option "busyMs" is no time', 'Give milliseconds, 0 or more.');
  if (typeof checkpointLength !== 'number' || !(checkpointLength >= 0))
    throw invalid('option "checkpointLength" is no length', 'Give characters, 0 or more.');
  checkCodec(codec);
  return { sync, mode, busyMs, checkpointLength, codec };
}

function checkCodec(codec: unknown): void {
  if (codec === undefined) return;
  const { name, encode, decode } = (codec ?? {}) as Partial<Record<keyof StoreCodec, unknown>>;
  if (typeof name === 'string' && name !== '' && typeof encode === 'function' && typeof decode === 'function') return;
  throw invalid('option "codec" is no codec', 'Give { name, encode, decode }, with a name that is not empty.');
}

function invalid(what: string, nextStep: string): RepriseError {
  return new RepriseError('option-invalid', what, { nextStep });
}
