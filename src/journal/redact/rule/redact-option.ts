// What to redact, as an option: of a recording, of an export, and in the config.
import { anyFunction, filledText, required, trueOrFalse } from '../../../base/options/option-kind.ts';
import type { OptionKind } from '../../../base/options/option-kind.ts';
import { either, listOf, objectOf, optionsIn } from '../../../base/options/option-parts.ts';
import type { OptionKinds } from '../../../base/options/option-parts.ts';
import { detectorNames } from '../find/detector.ts';
import { parsePlace, placeRoots } from './place.ts';
import { isDetectorName, isRuleName } from './redaction-rules.ts';
import type { NamedFinder, RedactOptions, SecretFinder } from './redaction-rules.ts';

const path: OptionKind = {
  wanted: `a path that begins with one of ${placeRoots.join(', ')}, such as "state.customer.email"`,
  fits: (text) => typeof text === 'string' && parsePlace(text) !== undefined,
};

const name: OptionKind = {
  wanted: 'a name of letters, digits and hyphens that no rule of Reprise has',
  fits: isRuleName,
};

const valuesWanted = `${detectorNames.map((known) => `"${known}"`).join(', ')}, functions with a name, { name, find } and { name, texts }`;

const named = either(
  { wanted: valuesWanted, fits: isDetectorName },
  { wanted: valuesWanted, fits: (value) => typeof value === 'function' && isRuleName((value as SecretFinder).name) },
  {
    ...objectOf<Extract<NamedFinder, { readonly find: unknown }>>(valuesWanted, {
      name: required(name),
      find: required(anyFunction),
    }),
    fits: (value) => typeof value === 'object' && value !== null && 'find' in value,
  },
  objectOf<Extract<NamedFinder, { readonly texts: unknown }>>(valuesWanted, {
    name: required(name),
    texts: required(listOf(filledText, 'texts that are secret')),
    matchCase: trueOrFalse,
  }),
);

export const redactKinds: OptionKinds<RedactOptions> = {
  paths: listOf(path, `paths such as "state.customer.email"`),
  values: listOf(named, valuesWanted),
};

export const redactKind: OptionKind = optionsIn<RedactOptions>(redactKinds);
