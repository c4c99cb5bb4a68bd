// Names of headers, query parameters, form fields, JSON fields and variables that announce a credential: by what they are as a
// whole, or by their words (credential/name-rules.ts). A name of everyday use needs a value that looks like one.
import { isMark } from './mark.ts';
import type { CredentialKind } from './credential/credential-kind.ts';
import { trailingWords } from './credential/name-lists.ts';
import { wordRules } from './credential/name-rules.ts';
import { wordsOf } from './credential/name-words.ts';
import { isLabel, isPlaceholder, meets, meetsAsNumber, isVersion } from './credential/value-look.ts';
import type { Need } from './credential/value-look.ts';

/**
 * `field`: a JSON field, a key of a map. `header`, `query` and `form` know the same names and some more; `variable` is one of an
 * environment, whose values are settings and no texts.
 */
export type NamePlace = 'field' | 'header' | 'query' | 'form' | 'variable';

interface NameRule {
  readonly kind: CredentialKind;
  readonly exact?: readonly string[];
  /** For names that services prefix with their own: `xi-api-key`, `OPENAI_API_KEY`, `dbPassword`. */
  readonly endings?: readonly string[];
  /** Everywhere, if it names none. */
  readonly places?: readonly NamePlace[];
  /** What the value must look like; `any` text, if it does not say. */
  readonly needs?: Need;
  readonly why: string;
}

/**
 * Names that say it all, compared in lower case without `-`, `_` and `.`, so that `x-api-key`, `X_API_KEY` and `xApiKey` are one.
 * Left out on purpose: `key` as a field (a key of a record), `code` (a country, a status), `public_key`, `idempotency_key`,
 * `prompt_cache_key`, `safety_identifier` (they give no access).
 */
export const credentialNames: readonly NameRule[] = [
  {
    kind: 'authorization',
    exact: ['authorization', 'proxyauthorization', 'xauthorization'],
    why: 'the header that credentials travel in',
  },
  { kind: 'cookie', exact: ['cookie', 'setcookie'], why: 'cookies carry sessions' },
  {
    kind: 'api-key',
    endings: [
      'apikey',
      'apitoken',
      'subscriptionkey',
      'applicationkey',
      'functionskey',
      'rapidapikey',
      'accesskey',
      'accountkey',
    ],
    why: 'keys that services hand out: x-api-key, api_key, x-goog-api-key, ocp-apim-subscription-key, AWS secret access key',
  },
  {
    kind: 'token',
    exact: [
      'csrftoken',
      'xsrftoken',
      'csrfmiddlewaretoken',
      'authenticitytoken',
      'requestverificationtoken',
      'idtoken',
      'privatetoken',
      'xvaulttoken',
      'circletoken',
      'xcsrftoken',
      'xgitlabtoken',
      'xgithubtoken',
    ],
    endings: ['accesstoken', 'refreshtoken', 'authtoken', 'sessiontoken', 'securitytoken', 'bearertoken', 'bottoken'],
    why: 'tokens of OAuth, of sessions and of temporary cloud credentials',
  },
  {
    kind: 'secret',
    exact: ['secret', 'credentials', 'connectionstring', 'otpsecret', 'totpsecret', 'mfasecret', 'recoverycode'],
    endings: [
      'clientsecret',
      'apisecret',
      'appsecret',
      'signingsecret',
      'webhooksecret',
      'sharedsecret',
      'consumersecret',
    ],
    why: 'what only the two sides know',
  },
  {
    kind: 'password',
    endings: ['password', 'passwd', 'passphrase'],
    why: 'what a person or a database logs in with',
  },
  {
    kind: 'private-key',
    endings: ['privatekey', 'secretkey', 'signingkey', 'encryptionkey'],
    why: 'key material',
  },
  { kind: 'api-key', exact: ['key', 'auth'], places: ['query'], why: 'Google and many others take `?key=…`' },
  {
    kind: 'token',
    exact: ['token'],
    places: ['query', 'form'],
    why: 'links and OAuth forms carry a token under this name',
  },
  {
    kind: 'token',
    exact: ['assertion', 'clientassertion', 'codeverifier'],
    places: ['form'],
    why: 'OAuth: what a token is issued for',
  },
  {
    kind: 'token',
    exact: ['assertion', 'clientassertion', 'codeverifier'],
    places: ['field'],
    needs: 'opaque',
    why: 'the same as JSON; what a test asserts is no token',
  },
  {
    kind: 'signature',
    exact: ['sig', 'signature', 'hmac', 'xamzsignature', 'xamzcredential', 'xgoogsignature', 'xgoogcredential'],
    places: ['query'],
    why: 'a signed link works for anyone who has it, and its signature changes with every signing',
  },
  {
    kind: 'token',
    exact: ['sid', 'session', 'sessid', 'sessionid', 'phpsessid', 'jsessionid', 'connectsid', 'aspnetsessionid'],
    endings: ['sessionid'],
    places: ['header', 'query', 'form'],
    needs: 'random',
    why: 'a session, where a request carries it; in a state or an answer it is an id like any other',
  },
  {
    kind: 'secret',
    exact: ['code', 'invite', 'magic'],
    places: ['query', 'form'],
    needs: 'random',
    why: 'OAuth: what a token is issued for; links that let in',
  },
  {
    kind: 'api-key',
    exact: ['appid', 'ticket', 'userkey'],
    places: ['query'],
    needs: 'random',
    why: 'OpenWeather takes `?appid=…`, CAS `?ticket=…`, and 3scale `?user_key=…`',
  },
];

/** What a name says of its value. */
interface Announcement {
  readonly kind: CredentialKind;
  readonly needs: Need;
}

const cachedNameLengthMax = 64;
const cachedNameCountMax = 4_096;
/** Nearly all names are those of fields. */
const fieldCache = new Map<string, Announcement | null>();
const caches: { readonly [place in NamePlace]: Map<string, Announcement | null> } = {
  field: fieldCache,
  header: new Map(),
  query: new Map(),
  form: new Map(),
  variable: new Map(),
};

/** Whether a name may announce a credential; what its value must look like is not asked. */
export function announced(name: string, place: NamePlace): Announcement | undefined {
  // Names come from outside, so only a limited number is cached, and only short ones.
  if (name.length > cachedNameLengthMax) return undefined;
  const cache = place === 'field' ? fieldCache : caches[place];
  let found = cache.get(name);
  if (found === undefined) {
    found = lookUp(name, place) ?? null;
    if (cache.size < cachedNameCountMax) cache.set(name, found);
  }
  return found ?? undefined;
}

/** The kind of credential that stands under a name, if any. */
export function credentialKind(
  name: string,
  value: string | number | bigint,
  place: NamePlace,
): CredentialKind | undefined {
  const found = announced(name, place);
  if (found === undefined) return undefined;
  const { kind, needs } = found;
  if (typeof value !== 'string') return meetsAsNumber(needs, value) ? kind : undefined;
  if (place === 'field' && isVersion(value)) return undefined;
  if (place === 'field' && isSaid(kind) && (isLabel(name, value) || isPlaceholder(value))) return undefined;
  return meets(needs, value) ? kind : undefined;
}

/**
 * The kind of credential that a request should hold where it has only a word such as `none`: what programs fall back to
 * without a key. A replay in an empty environment asks with that for what was recorded with the key.
 */
export function standInKind(
  name: string,
  value: string | number | bigint,
  place: NamePlace,
): CredentialKind | undefined {
  return typeof value === 'string' && isPlaceholder(value) && isSure(name, place)
    ? announced(name, place)?.kind
    : undefined;
}

/** `{ name: 'GITHUB_TOKEN', value: '…' }` is a variable, and `{ name: 'x-api-key', … }` a header or a field. */
export function pairedPlace(name: string): NamePlace {
  return isCapital(name) ? 'variable' : 'header';
}

function isCapital(name: string): boolean {
  return /^[A-Z][A-Z\d_]+$/.test(name);
}

/** Whether people read about it in forms and messages. */
function isSaid(kind: CredentialKind): boolean {
  return kind !== 'authorization' && kind !== 'cookie' && kind !== 'signature';
}

/** Whether the name says it all, so that a value may be short, or bytes, or looked for in what answers it. */
export function isSure(name: string, place: NamePlace): boolean {
  const needs = announced(name, place)?.needs;
  return needs === 'any' || needs === 'some' || needs === 'likely';
}

function lookUp(name: string, place: NamePlace): Announcement | undefined {
  // The kind in a mark says what stood in its own place.
  if (isMark(name)) return undefined;
  const compact = name.toLowerCase().replace(/[-_.]/g, '');
  const rule = credentialNames.find(
    ({ exact, endings, places }) =>
      (places === undefined || places.includes(place)) &&
      (exact?.includes(compact) === true || endings?.some((ending) => compact.endsWith(ending)) === true),
  );
  return rule === undefined
    ? byWords(wordsOf(name), place === 'variable' || isCapital(name))
    : { kind: rule.kind, needs: rule.needs ?? 'any' };
}

function byWords(words: readonly string[], isVariable: boolean): Announcement | undefined {
  let count = words.length;
  while (count > 1 && trailingWords.has(words[count - 1] as string)) count -= 1;
  const last = words[count - 1];
  if (last === undefined) return undefined;
  for (const { kind, last: lasts, other, owners, owned, unowned, alone, ending } of wordRules) {
    const end: string | undefined = lasts.find(
      (word) => word === last || (ending !== undefined && last.length > word.length && last.endsWith(word)),
    );
    if (end === undefined) continue;
    const before = end === last ? words[count - 2] : last.slice(0, -end.length);
    if (before === undefined) return needing(kind, alone, isVariable);
    if (other?.has(before) === true) return undefined;
    const isOwned = owners.has(before);
    if (end !== last && !isOwned && ending === 'owned') continue;
    return needing(kind, isOwned ? owned : unowned, isVariable);
  }
  return undefined;
}

/** A variable holds no text for people, and its name was given by who keeps secrets in it. */
function needing(kind: CredentialKind, needs: Need | undefined, isVariable: boolean): Announcement | undefined {
  if (!isVariable) return needs === undefined ? undefined : { kind, needs };
  if (kind === 'api-key') return { kind, needs: 'random' };
  return needs === undefined ? undefined : { kind, needs: weaker[needs] ?? needs };
}

const weaker: { readonly [need in Need]?: Need } = { likely: 'some', random: 'likely', opaque: 'likely' };
