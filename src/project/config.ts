// The keys of `reprise.config.ts`: what a project sets once, for all commands and tests.
import { RepriseError } from '../base/error.ts';
import { faultText } from '../base/options/option-fault.ts';
import { filledText, required, text } from '../base/options/option-kind.ts';
import { either, listOf, objectOf, optionsIn, recordOf } from '../base/options/option-parts.ts';
import { optionsFault, optionShape } from '../base/options/option-shape.ts';
import { compareKind } from '../diff/value/compare-settings.ts';
import type { CompareSettings } from '../diff/value/compare-settings.ts';
import { recordKind } from '../engine/options/record-options.ts';
import type { RecordOptions } from '../engine/options/record-options.ts';
import type { RequestRulesOptions } from '../journal/http/request-rules.ts';
import { redactKind } from '../journal/redact/rule/redact-option.ts';
import type { RedactOptions } from '../journal/redact/rule/redaction-rules.ts';
import { exchangeKinds } from '../live/http/options/http-options.ts';
import type { ExchangeOptions } from '../live/http/options/http-options.ts';
import { rulesKinds } from '../live/http/options/rules-option.ts';

/** The fixture by its path or a glob, relative to the folder of the config. */
export interface KnownDivergence {
  readonly fixture: string;
  readonly why: string;
  /** The last day on which it fails nothing. */
  readonly until: string;
}

/** `origins` and `match` are those of the runs that begin. One that was recorded keeps its own. */
export interface RepriseConfig extends RequestRulesOptions {
  /** Modules that export graphs: globs relative to the folder of the config. Tests (`*.test.ts`, `*.spec.ts`) are left out. */
  readonly graphs?: readonly string[];
  /** The SQLite file of runs, or the address of a PostgreSQL database (`postgres://…`); `runs.db` by default. */
  readonly store?: string;
  /** Recorded runs, by one or more globs; `fixtures/<any folder>/<name>.run.jsonl` by default. */
  readonly fixtures?: string | readonly string[];
  /** Fixtures that diverge for a known reason. Until the day, `2026-12-31` for example, they are reported and fail nothing. */
  readonly known?: readonly KnownDivergence[];
  /** What replays do not compare: `{ ignore: [{ path: 'state.startedAt', why: 'wall clock' }] }`. */
  readonly compare?: CompareSettings;
  /**
   * Loaders that are started before any module with graphs is imported, for syntax that Node itself cannot strip: `['tsx']`.
   * Packages of the project, or paths relative to the folder of the config.
   */
  readonly import?: readonly string[];
  /**
   * Environment variables that a replay sets if they are unset, for clients that insist on a key:
   * `{ OPENAI_API_KEY: 'replay' }`.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** What fixtures must not hold besides credentials: paths, detectors by name, and functions. */
  readonly redact?: RedactOptions;
  /**
   * Which runs become fixtures by themselves when `reprise work`, `run`, `resume` or `fork` ends them: the option `record` of an
   * engine. A folder in `to` is relative to that of the config; what `redact` names is redacted as well.
   */
  readonly record?: RecordOptions;
  /**
   * The options of `httpEffects` for every run that a command drives: `{ idempotencyHeader: () => 'idempotency-key' }`. Give it
   * what the engines of your program have, best from one module, since a command that resumes a run sends its requests again.
   * `origins`, `match` and `outside` stand beside it.
   */
  readonly http?: ExchangeOptions;
}

const storePath = { ...filledText, wanted: 'the path of a file, or the address of a server' };
const day = {
  wanted: 'a day such as "2026-12-31"',
  fits: (value: unknown) =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)),
};
const loader = { ...filledText, wanted: 'the name of a package or a path that starts with ./' };
const glob = { ...filledText, wanted: 'a glob' };

const configShape = optionShape<RepriseConfig>('config', {
  graphs: listOf(glob, 'globs'),
  store: storePath,
  fixtures: either(glob, listOf(glob, 'globs')),
  compare: compareKind,
  known: listOf(
    objectOf<KnownDivergence>('{ fixture, why, until }', {
      fixture: required(glob),
      why: required(filledText),
      until: required(day),
    }),
    'fixtures `{ fixture, why, until }`',
  ),
  import: listOf(loader, 'loaders'),
  ...rulesKinds,
  env: recordOf(text, 'an object of strings by name'),
  redact: redactKind,
  record: recordKind,
  http: optionsIn(exchangeKinds),
});

/** Types a config in an editor; returns it unchanged. */
export function defineConfig(config: RepriseConfig): RepriseConfig {
  return config;
}

/**
 * Checks what a module gave as the config of a project, down to unknown keys, and returns it as it is. `path` is only for
 * the messages. Use it if you load the config by a loader of your own; `loadConfig` checks already.
 *
 * @throws RepriseError `config-invalid`
 */
export function checkConfig(given: unknown, path: string): RepriseConfig {
  const fault = optionsFault(configShape, given ?? null);
  if (fault === undefined) return given as RepriseConfig;
  if (fault.at === '') {
    throw new RepriseError('config-invalid', `the config ${path} is not an object`, {
      nextStep: 'Write `export default defineConfig({ … })`.',
    });
  }
  const { message, nextStep } = faultText(path, fault, 'key');
  throw new RepriseError('config-invalid', message, { nextStep, fields: { key: fault.option } });
}
