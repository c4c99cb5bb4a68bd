// What a user wants redacted besides credentials: paths, detectors by name, texts from a list, and functions.
import { RepriseError } from '../../../base/error.ts';
import { detectorNames } from '../find/detector.ts';
import type { DetectorName } from '../find/detector.ts';
import { parsePlace } from './place.ts';
import type { Place } from './place.ts';

/** The version of the rules that find credentials: a fixture names it. */
export const redactionVersion = 2;

/** Finds secrets in a text, and returns them as they stand in it. */
export type SecretFinder = (text: string) => Iterable<string>;

/** A rule of a user's own. Its name stands in marks: `[redacted:customer#1]`. */
export type NamedFinder =
  | { readonly name: string; readonly find: SecretFinder }
  /**
   * Names from a list: customers, projects, whatever is secret as it is. They are found in capitals and small letters as well;
   * with `matchCase` only as they are written, for names that are words of everyday use.
   */
  | { readonly name: string; readonly texts: readonly string[]; readonly matchCase?: boolean };

/**
 * What to hide besides credentials, which are always hidden. What matches is replaced by a mark in the fixture, equal
 * values by the same mark, so that a replay can still tell them apart.
 */
export interface RedactOptions {
  /**
   * Values by where they stand: `state.customer.email`, `effects.*.request.body.messages.*.content`,
   * `effects.*.response.body.choices.*.text`, `events.<name>.…`, `chunks.<node>.…`, `outputs.<node>.…`, `errors.*.message`,
   * `sends.<node>.…`, `tasks.*.…`. Any name or index is `*`.
   */
  readonly paths?: readonly string[];
  /** Values by what they look like: `email`, `phone`, `card` and `iban`, texts from a list, or a function. */
  readonly values?: readonly (DetectorName | NamedFinder | SecretFinder)[];
}

/** The rules as they travel in the header of a fixture. */
export interface TravellingRules {
  readonly rules: number;
  readonly paths?: readonly string[];
  readonly values?: readonly DetectorName[];
  /** Names of rules that are code, or lists of secrets. Only who has them can apply them. */
  readonly functions?: readonly string[];
}

export interface Finder {
  readonly name: string;
  readonly find: SecretFinder;
}

interface ListedText {
  readonly name: string;
  readonly text: string;
  /** Whether it is secret only as it is written. */
  readonly isCased: boolean;
}

/** The rules, ready to be applied. */
export interface RedactionRules {
  readonly paths: readonly string[];
  readonly places: readonly Place[];
  readonly detectors: readonly DetectorName[];
  readonly finders: readonly Finder[];
  /** Texts that are secret wherever they stand, by the name of their rule. */
  readonly texts: readonly ListedText[];
  /** Names of rules that were applied to the run and cannot be applied here. */
  readonly unknown: readonly string[];
}

export const credentialsAlone: RedactionRules = Object.freeze({
  paths: [],
  places: [],
  detectors: [],
  finders: [],
  texts: [],
  unknown: [],
});

export function isDetectorName(value: unknown): value is DetectorName {
  return (detectorNames as readonly unknown[]).includes(value);
}

/** @throws RepriseError `option-invalid` for a function without a name, which could not be named in a mark */
export function redactionRules({ paths = [], values = [] }: RedactOptions): RedactionRules {
  const named = values.filter((value) => typeof value !== 'string').map(namedFinder);
  return {
    paths,
    places: paths.flatMap((path) => {
      const place = parsePlace(path);
      return place === undefined ? [] : [place];
    }),
    detectors: detectorNames.filter((name) => values.includes(name)),
    finders: named.flatMap((rule) => ('find' in rule ? [rule] : [])),
    texts: named.flatMap((rule) =>
      'texts' in rule ? rule.texts.map((text) => ({ name: rule.name, text, isCased: rule.matchCase === true })) : [],
    ),
    unknown: [],
  };
}

function namedFinder(rule: NamedFinder | SecretFinder): NamedFinder {
  if (typeof rule !== 'function') return rule;
  if (isRuleName(rule.name)) return { name: rule.name, find: rule };
  throw new RepriseError('option-invalid', 'a function in `redact.values` has no name that a mark could hold', {
    nextStep: 'Give it one: `{ name: "ticket", find: (text) => text.match(/T-\\d+/g) ?? [] }`.',
    fields: { option: 'redact' },
  });
}

const taken: readonly string[] = [
  ...['api-key', 'authorization', 'basic', 'bearer', 'cookie', 'jwt', 'password', 'private-key', 'secret', 'signature'],
  ...['token', 'path', ...detectorNames],
];

/** Marks hold it, so it has to look like a kind of secret, and not like one of Reprise. */
export function isRuleName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-zA-Z][\w-]{0,40}$/.test(name) && !taken.includes(name);
}

/**
 * The rule of what was taken out later. It is not named in a fixture: what it looked for was revoked, and to apply it again
 * somebody would have to keep it.
 */
export const scrubbedRule = 'scrubbed';

export function travellingRules(rules: RedactionRules): TravellingRules {
  const names = [...rules.finders, ...rules.texts].map(({ name }) => name);
  const functions = [...new Set([...names, ...rules.unknown])].filter((name) => name !== scrubbedRule).sort();
  return {
    rules: redactionVersion,
    ...(rules.paths.length === 0 ? {} : { paths: rules.paths }),
    ...(rules.detectors.length === 0 ? {} : { values: rules.detectors }),
    ...(functions.length === 0 ? {} : { functions }),
  };
}

/** The rules of a fixture. `own`: what this project has of the rules that did not travel. */
export function appliedRules(travelling: TravellingRules, own: RedactionRules = credentialsAlone): RedactionRules {
  const { paths = [], values = [], functions = [] } = travelling;
  const known = new Set([...own.finders, ...own.texts].map(({ name }) => name));
  return {
    ...redactionRules({ paths, values }),
    finders: own.finders.filter(({ name }) => functions.includes(name)),
    texts: own.texts.filter(({ name }) => functions.includes(name)),
    unknown: functions.filter((name) => name !== scrubbedRule && !known.has(name)),
  };
}

/** Both, for two runs that were redacted by rules of their own. */
export function mergedRules(one: RedactionRules, other: RedactionRules): RedactionRules {
  const names = new Set(one.finders.map(({ name }) => name));
  return {
    paths: [...new Set([...one.paths, ...other.paths])],
    places: [...one.places, ...other.places],
    detectors: detectorNames.filter((name) => one.detectors.includes(name) || other.detectors.includes(name)),
    finders: [...one.finders, ...other.finders.filter(({ name }) => !names.has(name))],
    texts: [...one.texts, ...other.texts],
    unknown: [...new Set([...one.unknown, ...other.unknown])],
  };
}

export function isEmptyRules({ places, detectors, finders, texts }: RedactionRules): boolean {
  return places.length + detectors.length + finders.length + texts.length === 0;
}
