import { wordRules } from '../journal/redact/credential/name-rules.ts';
import { providerKeys, surroundedKeys } from '../journal/redact/credential/provider-keys.ts';

/** What fixtures are redacted by without being asked: see `knownCredentials`. */
export interface KnownCredentials {
  /** Last words of names that announce a credential, and why. */
  readonly names: readonly { readonly words: readonly string[]; readonly why: string }[];
  /** Keys that are found by their form, by provider, and what they begin with; nothing, if that follows from no text. */
  readonly keys: readonly { readonly of: string; readonly begins: readonly string[] }[];
}

/** Of some the beginnings are computed, as those of Discord, which are numbers in base64. */
const beginsMax = 12;

/**
 * The names and the forms by which credentials are found in every run, as `reprise doctor --secrets` prints them. For a page of
 * your own, or a test that says that a provider of yours is among them. What is not belongs into `redact`.
 *
 * @example knownCredentials().keys.some(({ of }) => of.startsWith('Stripe')); // true
 */
export function knownCredentials(): KnownCredentials {
  return {
    names: wordRules.map(({ last, why }) => ({ words: last, why })),
    keys: [
      ...providerKeys.map(({ of, begins }) => ({ of, begins: begins.length > beginsMax ? [] : begins })),
      ...surroundedKeys.map(({ of }) => ({ of, begins: [] })),
    ],
  };
}
