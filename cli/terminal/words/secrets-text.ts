// By what credentials are found, for people.
import { knownCredentials } from '../../../src/record/index.ts';

export function secretsText(): string {
  const { names, keys } = knownCredentials();
  return `${[
    'Names whose last word says that a credential stands under them, if the value may be one:',
    ...names.map(({ words, why }) => `  ${words.join(', ')}: ${why}`),
    '',
    'Keys that are found wherever they stand, by the form that their provider gave them:',
    ...keys.map(
      ({ of, begins }) => `  ${[of, begins.map((begin) => `${begin}…`).join(', ')].filter(Boolean).join(': ')}`,
    ),
    '',
    'What is secret besides is named in `redact` of the config.',
  ].join('\n')}\n`;
}
