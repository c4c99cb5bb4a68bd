// Names of headers, query parameters, form fields and JSON fields that announce a credential. Names are compared in
// lower case without `-`, `_` and `.`, so that `x-api-key`, `X_API_KEY` and `xApiKey` are one.
export type CredentialKind =
  | 'api-key'
  | 'authorization'
  | 'basic'
  | 'bearer'
  | 'cookie'
  | 'jwt'
  | 'password'
  | 'private-key'
  | 'secret'
  | 'signature'
  | 'token';

/** `field`: a header, a JSON field, a key of a map. `query` and `form` know the same names and some more. */
export type NamePlace = 'field' | 'query' | 'form';

interface NameRule {
  readonly kind: CredentialKind;
  readonly exact?: readonly string[];
  /** For names that services prefix with their own: `xi-api-key`, `OPENAI_API_KEY`, `dbPassword`. */
  readonly endings?: readonly string[];
  readonly places: readonly NamePlace[];
  readonly why: string;
}

const everywhere: readonly NamePlace[] = ['field', 'query', 'form'];

/**
 * Left out on purpose: `token` as a field (models stream text under that name, and log probabilities carry it) unless its
 * value looks like one (`opaqueNames`), `tokens`,
 * `max_tokens`, `page_token` and their like (counts and cursors), `key` as a field (a key of a record), `code` (a
 * country, a status), `public_key`, `idempotency_key`, `prompt_cache_key`, `safety_identifier` (they give no access).
 */
export const credentialNames: readonly NameRule[] = [
  {
    kind: 'authorization',
    exact: ['authorization', 'proxyauthorization', 'xauthorization'],
    places: everywhere,
    why: 'the header that credentials travel in',
  },
  { kind: 'cookie', exact: ['cookie', 'setcookie'], places: everywhere, why: 'cookies carry sessions' },
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
    places: everywhere,
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
    places: everywhere,
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
    places: everywhere,
    why: 'what only the two sides know',
  },
  {
    kind: 'password',
    exact: ['pwd', 'userpwd', 'dbpwd'],
    endings: ['password', 'passwd', 'passphrase'],
    places: everywhere,
    why: 'what a person or a database logs in with',
  },
  {
    kind: 'private-key',
    endings: ['privatekey', 'secretkey', 'signingkey', 'encryptionkey'],
    places: everywhere,
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
    kind: 'signature',
    exact: ['sig', 'signature', 'hmac', 'xamzsignature', 'xamzcredential', 'xgoogsignature', 'xgoogcredential'],
    places: ['query'],
    why: 'a signed link works for anyone who has it, and its signature changes with every signing',
  },
];

/** These announce a credential only if the value looks like one: they are words of everyday use. */
const opaqueNames: readonly string[] = [
  'token',
  'auth',
  'jwt',
  'bearer',
  'apptoken',
  'usertoken',
  'devicetoken',
  'servicetoken',
  'accounttoken',
  'deploytoken',
  'webhooktoken',
  'invitetoken',
  'logintoken',
  'resettoken',
];

const opaqueLengthMax = 24;
const opaqueCache = new Map<string, boolean>();

/** Whether only the value says what it holds. */
export function isOpaqueName(name: string): boolean {
  if (name.length > opaqueLengthMax) return false;
  let isOpaque = opaqueCache.get(name);
  if (isOpaque === undefined) {
    isOpaque = opaqueNames.includes(compactName(name));
    if (opaqueCache.size < cachedNameCountMax) opaqueCache.set(name, isOpaque);
  }
  return isOpaque;
}

function compactName(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '');
}

const cachedNameLengthMax = 64;
const cachedNameCountMax = 4_096;
const cache = new Map<string, CredentialKind | null>();

/** The kind of credential that a name announces, if any. */
export function credentialKind(name: string, place: NamePlace): CredentialKind | undefined {
  // Names come from outside, so only a limited number is cached, and only short ones.
  if (name.length > cachedNameLengthMax) return undefined;
  const cacheKey = place === 'field' ? name : `${place} ${name}`;
  let kind = cache.get(cacheKey);
  if (kind === undefined) {
    kind = lookUp(compactName(name), place) ?? null;
    if (cache.size < cachedNameCountMax) cache.set(cacheKey, kind);
  }
  return kind ?? undefined;
}

function lookUp(compact: string, place: NamePlace): CredentialKind | undefined {
  const rule = credentialNames.find(
    ({ exact, endings, places }) =>
      places.includes(place) &&
      (exact?.includes(compact) === true || endings?.some((ending) => compact.endsWith(ending)) === true),
  );
  return rule?.kind;
}
