// Which words of a name announce a credential, as data. The last word says what it is (`jwtSecret`, `DB_PASS`), and the word
// before it whether it is one: `max_token` counts, `page_token` turns a page, `github_token` opens a door.
import type { CredentialKind } from './credential-kind.ts';
import {
  codeOwners,
  credentialOwners,
  keyOwners,
  otherSecrets,
  otherTokens,
  otherWords,
  phraseOwners,
  pinOwners,
} from './name-lists.ts';
import type { Need } from './value-look.ts';

export interface WordRule {
  readonly kind: CredentialKind;
  /** The last word. */
  readonly last: readonly string[];
  /** Words before it with which it is something else. */
  readonly other?: ReadonlySet<string>;
  /** Words before it with which it is one. */
  readonly owners: ReadonlySet<string>;
  /** What its value must look like: behind an owner, behind any other word, and as a name of its own. */
  readonly owned: Need;
  readonly unowned?: Need;
  readonly alone?: Need;
  /** May be the end of one word: `githubtoken`. Where it also ends words of everyday use, only behind an owner. */
  readonly ending?: 'any' | 'owned';
  readonly why: string;
}

export const wordRules: readonly WordRule[] = [
  {
    kind: 'password',
    last: ['password', 'passwd', 'passphrase', 'passcode', 'pwd'],
    other: otherWords,
    owners: credentialOwners,
    owned: 'some',
    unowned: 'some',
    alone: 'some',
    ending: 'any',
    why: 'what a person or a database logs in with',
  },
  {
    kind: 'password',
    last: ['pass', 'pw'],
    owners: credentialOwners,
    owned: 'some',
    alone: 'mixed',
    ending: 'owned',
    why: 'the same, for short: `DB_PASS`; not a `boarding_pass`, a `bypass` or what has `passed`',
  },
  {
    kind: 'token',
    last: ['token'],
    other: otherTokens,
    owners: credentialOwners,
    owned: 'likely',
    unowned: 'random',
    alone: 'opaque',
    ending: 'any',
    why: 'models, parsers and pages have tokens too, so an unknown owner needs a value that nobody would read aloud',
  },
  {
    kind: 'secret',
    last: ['secret', 'secrets'],
    other: otherSecrets,
    owners: credentialOwners,
    owned: 'some',
    unowned: 'likely',
    alone: 'likely',
    ending: 'any',
    why: 'what only the two sides know',
  },
  {
    kind: 'secret',
    last: ['credential', 'credentials', 'creds', 'cred'],
    other: otherWords,
    owners: credentialOwners,
    owned: 'likely',
    unowned: 'likely',
    alone: 'likely',
    ending: 'owned',
    why: 'whatever it is, it lets in',
  },
  {
    kind: 'api-key',
    last: ['key'],
    owners: keyOwners,
    owned: 'random',
    ending: 'owned',
    why: 'maps and tables have keys as well, so both the owner and the value must look like it',
  },
  {
    kind: 'token',
    last: ['auth'],
    other: otherWords,
    owners: credentialOwners,
    owned: 'random',
    unowned: 'random',
    alone: 'opaque',
    why: '`REDIS_AUTH`, `x-auth`',
  },
  {
    kind: 'token',
    last: ['csrf', 'xsrf'],
    other: otherWords,
    owners: credentialOwners,
    owned: 'random',
    unowned: 'random',
    alone: 'random',
    why: 'the field of a form',
  },
  {
    kind: 'token',
    last: ['jwt', 'bearer', 'pat'],
    owners: credentialOwners,
    owned: 'opaque',
    unowned: 'opaque',
    alone: 'opaque',
    why: 'named after their form',
  },
  {
    kind: 'secret',
    last: ['otp', 'totp'],
    other: otherWords,
    owners: credentialOwners,
    owned: 'code',
    unowned: 'code',
    alone: 'code',
    why: 'passwords for one time',
  },
  {
    kind: 'secret',
    last: ['code', 'codes'],
    owners: codeOwners,
    owned: 'code',
    why: 'the same; any other `code` is a country, a status or a program',
  },
  {
    kind: 'password',
    last: ['pin'],
    owners: pinOwners,
    owned: 'pin',
    alone: 'digits',
    why: 'a `pin` that is a number stands on a board or on a map',
  },
  {
    kind: 'secret',
    last: ['mnemonic'],
    owners: credentialOwners,
    owned: 'phrase',
    unowned: 'phrase',
    alone: 'phrase',
    why: 'the words of a wallet',
  },
  {
    kind: 'secret',
    last: ['phrase'],
    owners: phraseOwners,
    owned: 'phrase',
    why: 'the same',
  },
];
