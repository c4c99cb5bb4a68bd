// The door `reprise/config`: what a project says once for all commands.
import { RepriseError } from './base/error.ts';
import { nearestName } from './base/nearest-name.ts';

export interface RepriseConfig {
  /** Modules that export graphs: globs, relative to the config's folder. */
  readonly graphs?: readonly string[];
  /** The SQLite file of runs; `runs.db` by default. */
  readonly store?: string;
  /** The recorded runs: a glob or several; `fixtures/<any folder>/<name>.run.jsonl` by default. */
  readonly fixtures?: string | readonly string[];
  /** Names for origins, so that a run recorded against one replays against another: `{ openai: ['https://api.openai.com'] }`. */
  readonly origins?: Readonly<Record<string, readonly string[]>>;
  /** Environment variables that a replay sets where they are unset, for clients that demand a key: `{ OPENAI_API_KEY: 'replay' }`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Types a config in an editor; gives it back as it is. */
export function defineConfig(config: RepriseConfig): RepriseConfig {
  return config;
}

const checks: Readonly<
  Record<keyof RepriseConfig, { readonly fits: (value: unknown) => boolean; readonly wanted: string }>
> = {
  graphs: { fits: isTextList, wanted: 'a list of globs' },
  store: { fits: isText, wanted: 'the path of a file' },
  fixtures: { fits: (value) => isText(value) || isTextList(value), wanted: 'a glob or a list of globs' },
  origins: { fits: (value) => isRecordOf(value, isTextList), wanted: 'lists of origins by alias' },
  env: { fits: (value) => isRecordOf(value, (item) => typeof item === 'string'), wanted: 'texts by name' },
};

/** @throws RepriseError `config-invalid` */
export function checkConfig(given: unknown, path: string): RepriseConfig {
  if (typeof given !== 'object' || given === null) {
    throw new RepriseError('config-invalid', `the config ${path} is no object`, {
      nextStep: 'Write `export default defineConfig({ … })`.',
    });
  }
  for (const [key, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, key) ? checks[key as keyof RepriseConfig] : undefined;
    if (check === undefined) {
      const nearest = nearestName(key, Object.keys(checks));
      throw new RepriseError('config-invalid', `the config ${path} has a key "${key}", which is none`, {
        nextStep:
          nearest === undefined ? `The keys are ${Object.keys(checks).join(', ')}.` : `Did you mean "${nearest}"?`,
        fields: { key },
      });
    }
    if (value !== undefined && !check.fits(value)) {
      throw new RepriseError('config-invalid', `"${key}" of the config ${path} does not fit`, {
        nextStep: `Give ${check.wanted}.`,
        fields: { key },
      });
    }
  }
  return given;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isRecordOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits);
}
