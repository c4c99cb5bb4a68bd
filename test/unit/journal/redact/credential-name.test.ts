// Names that announce a credential, in the forms in which they stand in runs, and names that are spelled like them.
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import { credentialsOf } from '../../../../src/journal/http/sent-credentials.ts';
import { redactPair, redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';

const secret = ['Kp3Zx9Lq7Wm2', 'Rt5Yb8Nc1Hd4'].join('');
const phrase = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

const names = `
  GITHUB_TOKEN DISCORD_TOKEN HF_TOKEN SLACK_TOKEN NPM_TOKEN SESSION_SECRET JWT_SECRET DB_PASS SMTP_PASS REDIS_AUTH ADMIN_PW
  MAPS_KEY githubToken gitHubToken github-token github.token jwtSecret sessionSecret dbPass hmacSecret tokenSecret
  oauth_token_secret pushToken sasToken masterKey authKey appKey app_key sshKey storageKey service_role_key serviceKey pass
  passcode credential creds secrets x-github-token X-Internal-Token SECRET_KEY_BASE dbPassword2 githubtoken jwtsecret dbpass
  password_confirmation user[password] spring.datasource.password OPENAI_KEY openAIKey aws_session_token cardPin
  verificationCode backup_code deviceCode API_TOKEN_PROD tokenValue csrf`
  .trim()
  .split(/\s+/);

const kept: readonly (readonly [name: string, value: unknown])[] = [
  ['max_tokens', 4096],
  ['max_token', '4096-8192-a1b2c3'],
  ['total_tokens', 7],
  ['token_count', 12],
  ['time_to_first_token', 0.3],
  ['next_page_token', 'CAUQAA1b2C3d4E5f6G7h8'],
  ['pageToken', 'CAUQAA1b2C3d4E5f6G7h8'],
  ['nextToken', 'AQICAHgB3kZx9Lq7Wm2Rt5Y'],
  ['continuationToken', '1a2B3c4D5e6F7g8H9i0J'],
  ['syncToken', 'CPDAlvWDx70CEPDAlvWDx70CGAU='],
  ['ClientRequestToken', '1a2B3c4D5e6F7g8H9i0J'],
  ['tokenType', 'Bearer2Token3Type4'],
  ['designToken', 'color-blue-500'],
  ['token', ' hello'],
  ['token', 'th3'],
  ['token', 'getElementsByTagNameOfPage'],
  ['token', 'parseHTMLAndXMLToURIOfPage'],
  ['token', 'internationalizations'],
  ['assertion', 'theAnswerNamesAllThreeCities'],
  ['unexpectedToken', '}'],
  ['githubToken', 'GITHUB_TOKEN'],
  ['githubToken', '{{ secrets.GITHUB_TOKEN }}'],
  ['githubToken', 'process.env.GITHUB_TOKEN'],
  ['githubToken', 'The token is not valid.'],
  ['passed', 'A1b2C3d4E5f6'],
  ['pass', 12],
  ['pass', 'skipped'],
  ['passenger', 'A1b2C3d4E5f6'],
  ['passing', 'A1b2C3d4E5f6'],
  ['compass', 'A1b2C3d4E5f6'],
  ['bypass', 'A1b2C3d4E5f6'],
  ['boarding_pass', 'A1b2C3d4E5f6'],
  ['secretary', 'A1b2C3d4E5f6'],
  ['secret_name', 'A1b2C3d4E5f6'],
  ['password', 'Password'],
  ['password', 'Passwort'],
  ['newPassword', 'Enter your new password'],
  ['passwordHint', 'A1b2C3d4E5f6'],
  ['password_reset', 'A1b2C3d4E5f6'],
  ['PWD', '/srv/work'],
  ['pin', 13],
  ['pin', 'A0'],
  ['map_pin', '4711'],
  ['pincode', 560001],
  ['code', 'ENOENT'],
  ['code', 'a1B2c3D4e5F6g7H8i9J0'],
  ['status_code', 404],
  ['countryCode', 'DE'],
  ['key', 'A1b2C3d4E5f6'],
  ['cacheKey', '3f2a9c71-a1b2C3d4E5f6'],
  ['primaryKey', 'A1b2C3d4E5f6'],
  ['public_key', 'A1b2C3d4E5f6'],
  ['sort_key', 'A1b2C3d4E5f6'],
  ['idempotency_key', 'A1b2C3d4E5f6'],
  ['keyboard', 'A1b2C3d4E5f6'],
  ['monkey', 'A1b2C3d4E5f6'],
  ['author', 'A1b2C3d4E5f6'],
  ['auth', 'oauth2'],
  ['authMethod', 'A1b2C3d4E5f6'],
  ['sessionId', 'A1b2C3d4E5f6G7h8'],
  ['session_id', 'A1b2C3d4E5f6G7h8'],
  ['sid', 'SM1a2b3c4d5e6f7890'],
  ['credentials', 'include'],
  ['mnemonic', 'mov'],
  ['phrase', phrase],
  ['otp', 'required'],
  ['pat', 'a pat on the back'],
  ['imagePullSecret', 'registry-1a2b3c'],
];

function valueFor(name: string): string {
  return /pin$/i.test(name) ? '4711' : /code/i.test(name) ? '739164' : secret;
}

const redacted = (value: unknown): Value => redactValue(canonicalValue(value, 'a value'), new RedactionMarks());

describe.each(names)('the name %s', (name) => {
  const value = valueFor(name);
  const forms: readonly (readonly [of: string, form: unknown])[] = [
    ['a field', { [name]: value, n: 1 }],
    ['a name and a value', { env: [{ name, value }] }],
    ['a header', { headers: [[name, value]] }],
    ['JSON', JSON.stringify({ [name]: value, n: 1 })],
    ['JSON in JSON', JSON.stringify({ arguments: JSON.stringify({ [name]: value }) })],
    ['a name and a value in JSON', JSON.stringify({ env: [{ name, value }] })],
    ['a value and its name in JSON', JSON.stringify({ env: [{ value, name }] })],
    ['a link', `https://api.example/v1?page=1&${name}=${value}`],
    ['YAML', `app:\n  ${name}: "${value}"\n  port: 1\n`],
    ['XML in attributes', `<connect host="db" ${name}="${value}"/>`],
    ['a command line', `run --verbose --${name} ${value}`],
    ['a message', `Error: refused (${name}=${value})`],
    ...(value === secret ? [['.env', `PORT=3000\n${name}=${value}\nNODE_ENV=production\n`] as const] : []),
  ];
  const fits = (of: string): boolean => !/\[/.test(name) || ['a field', 'a name and a value', 'a header'].includes(of);

  it.each(forms.filter(([of]) => fits(of)))('gives its value away as %s', (_of, form) => {
    const once = redacted(form);
    expect(JSON.stringify(once)).not.toContain(value);
    expect(JSON.stringify(once)).toMatch(/\[redacted:|redacted0/);
    expect(redactValue(once, new RedactionMarks())).toBe(once);
    expect(redactRequest(once)).toEqual(redactRequest(canonicalValue(form, 'a request')));
  });

  it('gives its value away in a query and in a form', () => {
    for (const place of ['query', 'form', 'header'] as const)
      expect(redactPair(name, value, place)).toMatch(/^\[redacted:[a-z-]+\]$/);
  });
});

describe('a name that is spelled like one', () => {
  it.each(kept)('%s: %j stays', (name, value) => {
    const field = canonicalValue({ [name]: value }, 'a value');
    expect(redactValue(field, new RedactionMarks())).toBe(field);
    const json = JSON.stringify({ [name]: value });
    expect(redacted(json)).toBe(json);
  });
});

describe('a request', () => {
  it.each(['sid', 'session_id', 'sessionId', 'PHPSESSID', 'code', 'x-session-id'])(
    'carries a session as %s',
    (name) => {
      expect(redactPair(name, secret, 'form')).toMatch(/^\[redacted:/);
      expect(redactPair(name, 'en', 'form')).toBe('en');
    },
  );

  it('has the id of a session in its headers, which is an id like any other in what follows', () => {
    expect(redactPair('mcp-session-id', secret, 'header')).toBe('[redacted:token]');
    expect(
      credentialsOf({ method: 'GET', url: 'https://x.test/', headers: [['mcp-session-id', secret]], body: undefined }),
    ).toEqual([]);
  });

  it('is looked for in an answer if it is a cookie that looks like a session', () => {
    const cookie = `theme=dark-mode; uid=user-12345; lang=en-US-2024; sid=${secret}`;
    expect(
      credentialsOf({ method: 'GET', url: 'https://x.test/', headers: [['cookie', cookie]], body: undefined }),
    ).toEqual([{ kind: 'cookie', secret }]);
  });

  it('keeps the marks of numbers that it was given', () => {
    expect(redacted({ otp: 739164, db_pass: 12345678, pin: 13 })).toEqual({
      db_pass: '[redacted:password#1]',
      otp: '[redacted:secret#2]',
      pin: 13,
    });
  });

  it('takes the words of a wallet for one secret', () => {
    expect(redacted({ seedPhrase: phrase, mnemonic: phrase })).toEqual({
      seedPhrase: '[redacted:secret#1]',
      mnemonic: '[redacted:secret#1]',
    });
  });
});

describe('a random text with fewer than two digits', () => {
  it.each(['UkyzWUhCtEAaerqfq3kbLVGk', 'rXqPzTbWkLmNvCsDfGhJ', 'aBxKqTzRfWmNpLsDvGhJkC_e'])(
    'is a token: %s',
    (token) => {
      for (const name of ['token', 'auth', 'jwt', 'codeVerifier'])
        expect(redactPair(name, token, 'field')).toBe('[redacted:token]');
    },
  );
});
