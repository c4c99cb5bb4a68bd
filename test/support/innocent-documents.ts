// What services answer and programs read every day, full of names and words that credentials have as well, without one.

export interface InnocentDocument {
  readonly name: string;
  readonly text: string;
}

function json(name: string, value: unknown): readonly InnocentDocument[] {
  return [
    { name, text: JSON.stringify(value) },
    { name: `${name}, indented`, text: JSON.stringify(value, null, 2) },
    { name: `${name}, in a text`, text: JSON.stringify({ output: JSON.stringify(value) }) },
  ];
}

const usage = {
  id: 'chatcmpl-A1b2C3d4E5f6G7h8I9j0K1l2M3n4O',
  object: 'chat.completion',
  created: 1_730_000_000,
  model: 'gpt-5-mini-2025-08-07',
  system_fingerprint: 'fp_a1b2c3d4e5',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: {
        role: 'assistant',
        content:
          'Never share your password, passphrase, PIN or access token. A good password is long: use a passphrase of four words.\nStore the API key in an environment variable such as OPENAI_API_KEY, e.g. `export OPENAI_API_KEY=<your key>`, and read it with `process.env.OPENAI_API_KEY`.\n\n| field | meaning |\n|---|---|\n| password | at least 12 characters |\n| token: | what the server gave you |\n\nIf you see "invalid token" or the error code 401, the secret is wrong.',
      },
      logprobs: {
        content: [{ token: ' Never', logprob: -0.1, bytes: [32], top_logprobs: [{ token: 'th3', logprob: -2 }] }],
      },
    },
  ],
  usage: {
    prompt_tokens: 1_234,
    completion_tokens: 77,
    total_tokens: 1_311,
    prompt_tokens_details: { cached_tokens: 1_024, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 64, accepted_prediction_tokens: 0 },
    time_to_first_token: 0.214,
    cost_per_token: 0.000_002,
    max_token: '128000-16384',
  },
  service_tier: 'default',
};

const openApi = {
  openapi: '3.1.0',
  info: { title: 'Accounts', version: '2.4.1' },
  paths: {
    '/login': {
      post: {
        operationId: 'createSessionToken',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/LoginRequest2Factor3' } } },
        },
        parameters: [
          { name: 'page_token', in: 'query', schema: { type: 'string' }, description: 'The token of the next page.' },
          { name: 'X-CSRF-Token', in: 'header', required: true },
        ],
      },
    },
  },
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', name: 'X-API-Key', in: 'header' },
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    schemas: {
      LoginRequest: {
        type: 'object',
        required: ['password', 'otp', 'client_secret'],
        properties: {
          password: { type: 'string', format: 'password', minLength: 12, title: 'Password' },
          otp: { type: 'string', pattern: '^\\d{6}$' },
          pin: { type: 'integer' },
          client_secret: { type: 'string', description: 'The secret that you were given.' },
          refreshToken: { type: ['string', 'null'] },
        },
        example: { password: '<password>', client_secret: '{{CLIENT_SECRET}}', apiKey: 'string', token: 'string' },
      },
    },
  },
};

const pages = {
  items: [{ id: 'a1B2c3', key: 'PROJ-123', self: 'https://api.example.com/items/a1B2c3' }],
  nextPageToken: 'CAUQAA1b2C3d4E5f6G7h8I9',
  next_page_token: 'eyJvZmZzZXQiOjEwMH0',
  NextToken: 'AQICAHgB3kZx9Lq7Wm2Rt5Yb8Nc1Hd4Jf6Sg0Ev',
  continuationToken: '1!96!MDAwMDQ0IWEyYjNjNGQ1ZTZmN2c4aDlpMGox',
  syncToken: 'CPDAlvWDx70CEPDAlvWDx70CGAU=',
  deltaToken: 'aGk3Mjg5Nzg5Nzg5Nzg5Nzg5Nzg5',
  cursor: 'Y3Vyc29yOnYyOpHOAAECAw',
  '@odata.nextLink': 'https://graph.example.com/v1.0/users?$skiptoken=X2a3b4c5d6e7f8g9h0i1j2',
  idempotencyKey: '7b1d6f0a-1c2d-4e3f-8a9b-0c1d2e3f4a5b',
  cacheKey: 'v3:a1b2c3d4e5f60718293a4b5c',
  primaryKey: 'id',
  partitionKey: 'tenant#42',
  sessionId: 'sess_A1b2C3d4E5f6G7h8',
  code: 'PAGE_2_OF_3',
};

const english = {
  login: {
    password: 'Password',
    passwordConfirm: 'Confirm password',
    newPassword: 'New password',
    forgotPassword: 'Forgot your password?',
    wrong_password: 'The password is wrong.',
    passcode: 'Passcode',
    apiKey: 'API key',
    secret: 'Client secret',
    token: 'Access token',
    accessToken: 'Access token',
    invalidToken: 'This token is invalid or has expired.',
    pin: 'PIN',
    otp: 'One-time code',
    verificationCode: 'Verification code',
    PASSWORD: 'Password',
    INVALID_TOKEN: 'Invalid token',
  },
};

const german = {
  login: {
    password: 'Passwort',
    newPassword: 'Neues Passwort',
    forgotPassword: 'Passwort vergessen?',
    wrong_password: 'Das Passwort ist falsch.',
    passphrase: 'Passphrase',
    token: 'Token',
    invalidToken: 'Dieses Token ist abgelaufen.',
    secret: 'Geheimer Schlüssel (Secret)',
  },
};

const wordsAsIds = {
  passengers: [{ name: 'A. Lovelace', seat: '14C', boardingPass: 'M1LOVELACE/ADA A1B2C3D' }],
  passing: 120,
  passed: 'yes, 12 of 12',
  pass: 12,
  fail: 0,
  pass_rate: '98.5%',
  bypass: 'lane-2b-3c-4d',
  compass: 'NNW 337.5',
  secretary: 'Grace Hopper 1952',
  pins: [
    { pin: 13, label: 'GPIO13' },
    { pin: 'A0', label: 'ADC0' },
  ],
  map: { pin: 4_711, pinCode: '560001', lat: 12.97 },
  keyboard: 'ISO-105-de-DE',
  monkey: 'v2r3l4x5',
  author: 'Ada B1 C2 D3',
  tokenizer: 'o200k_base',
  tokenType: 'Bearer',
  token_type: 'bearer',
  token_count: 12,
  secretName: 'db-credentials-v2',
  passwordPolicy: 'min12-upper1-digit1',
  swap: { fromToken: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', toToken: 'WETH' },
  fetch: { credentials: 'same-origin', mode: 'cors' },
  designToken: 'color.blue.500',
  error: { code: 'E_TOKEN_42', message: 'Unexpected token } in JSON at position 42', statusCode: 400 },
  phrase: 'four words in a row make eight words in all',
};

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      serviceAccountName: shop-v2
      automountServiceAccountToken: false
      imagePullSecrets:
        - name: registry-1a2b3c
      containers:
        - name: shop
          image: registry.example.com/shop:1.24.3
          env:
            - name: PORT
              value: "8080"
            - name: MAX_TOKENS
              value: "4096"
            - name: DB_PASSWORD
              valueFor:
                secretKeyRef:
                  name: db-credentials-v2
                  key: password
            - name: TOKEN_TTL_SECONDS
              value: "3600"
`;

const env = `NODE_ENV=production
PORT=3000
PWD=/srv/work/shop
OLDPWD=/srv
MAX_TOKENS=4096
NEXT_PAGE_TOKEN=
API_KEY=\${API_KEY}
GITHUB_TOKEN=$GITHUB_TOKEN
CACHE_KEY=v3
PASSWORD_MIN_LENGTH=12
TOKEN_TTL=3600
SSH_AUTH_SOCK=/tmp/ssh-a1b2c3d4/agent.1234
XDG_SESSION_ID=c2
`;

const source = `import { readFile } from 'node:fs/promises';

interface Options {
  readonly apiKey: string;
  readonly accessToken?: string;
  password: string | undefined;
}

export async function login({ apiKey, password }: Options, nextToken = ''): Promise<Session> {
  const token = await readToken(options.tokenPath);
  const secret = process.env.CLIENT_SECRET ?? config.auth.clientSecret;
  if (password === undefined) throw new TypeError('password: expected a string');
  for (const key of Object.keys(token)) this.keys.set(key, token[key]);
  return fetch(url, { credentials: 'include', headers: { authorization: \`Bearer \${token}\` } });
}
`;

const page = `<form action="/login?next=/home" method="post">
  <label for="password">Password:</label>
  <input type="password" name="password" id="password" autocomplete="current-password" placeholder="Enter your password">
  <input type="text" name="otp" inputmode="numeric" pattern="[0-9]{6}">
  <button name="login" value="password">Sign in</button>
</form>
<p>Your password must have 12 characters. The passing grade is 60%.</p>
`;

const table = 'name,passed,pass rate,tokens,key\nalpha,12,98.5%,4096,PROJ-1\nbeta,11,91.7%,2048,PROJ-2\n';

const log = `2026-03-01T10:00:00.123Z INFO  login: password accepted for user 42 (mfa=true)
2026-03-01T10:00:01.456Z WARN  token expired: expires_in=3600 token_type=Bearer
2026-03-01T10:00:02.789Z INFO  GET /v1/items?page_token=CAUQAA1b2C3d4&limit=20 200 12ms
2026-03-01T10:00:03.000Z DEBUG tokenizer: prompt_tokens=1234 completion_tokens=77 total_tokens=1311
2026-03-01T10:00:04.000Z ERROR Unexpected token < in JSON at position 0
`;

export const innocentDocuments: readonly InnocentDocument[] = [
  ...json('an answer of a model', usage),
  ...json('the description of an API', openApi),
  ...json('a page of a list', pages),
  ...json('texts in English', english),
  ...json('texts in German', german),
  ...json('words that begin or end alike', wordsAsIds),
  { name: 'a manifest', text: manifest },
  { name: 'an environment', text: env },
  { name: 'a source', text: source },
  { name: 'a page with a form', text: page },
  { name: 'a table', text: table },
  { name: 'a log', text: log },
];
