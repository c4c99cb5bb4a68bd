// Secrets that no scan of this repository takes for real ones, the forms in which programs write them, and the places of a run
// in which they may stand.
import { gzipSync } from 'node:zlib';
import { canonicalList, canonicalValue } from '../../src/base/value.ts';
import type { Value } from '../../src/base/value.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { RedactOptions } from '../../src/journal/redact/rule/redaction-rules.ts';
import { checkedCard, withCheckDigit } from '../../src/journal/redact/find/luhn.ts';
import { ibanRemainder } from '../../src/journal/redact/find/detector.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  graphOf,
  httpEffect,
  outcomeEntry,
  runEntry,
} from './journals.ts';

/** `name`: what a text calls it, for secrets that nothing else gives away. */
export interface PlantedSecret {
  readonly kind: string;
  readonly secret: string;
  readonly name: string;
  /** It is found wherever it stands. */
  readonly isShaped: boolean;
}

const letters = 'AbCdEfGhJkLmNpQrStUvWxYzabcdefghjkmnpqrstuvwxyz';

/** A text of letters and digits that follows from a number. */
function opaque(seed: number, length: number, alphabet = `${letters}0123456789`): string {
  let state = (seed * 2_654_435_761 + 97) >>> 0;
  let text = '';
  while (text.length < length) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    text += alphabet[(state >>> 8) % alphabet.length];
  }
  return text;
}

function opaqueWithDigits(seed: number, length: number): string {
  return `${opaque(seed, length - 3)}${(seed % 8) + 1}x7`;
}

const shaped: readonly (readonly [kind: string, text: (seed: number) => string])[] = [
  ['openai', (seed) => `sk-${'proj'}-${opaqueWithDigits(seed, 24)}`],
  ['openai, older', (seed) => `sk-${opaqueWithDigits(seed, 32)}`],
  ['anthropic', (seed) => `sk-${'ant'}-api03-${opaqueWithDigits(seed, 24)}`],
  ['stripe', (seed) => `sk_${'live'}_${opaqueWithDigits(seed, 24)}`],
  ['stripe webhook', (seed) => `wh${'sec'}_${opaqueWithDigits(seed, 24)}`],
  ['aws id', (seed) => `AK${'IA'}${opaque(seed, 16, 'ABCDEFGHJKLMNPQRSTUVWXYZ234567')}`],
  ['github', (seed) => `gh${'p'}_${opaqueWithDigits(seed, 36)}`],
  ['github, fine-grained', (seed) => `github_${'pat'}_${opaqueWithDigits(seed, 40)}`],
  ['gitlab', (seed) => `gl${'pat'}-${opaqueWithDigits(seed, 20)}`],
  ['slack', (seed) => `xo${'xb'}-${opaqueWithDigits(seed, 24)}`],
  ['google', (seed) => `AI${'za'}${opaqueWithDigits(seed, 35)}`],
  ['google oauth', (seed) => `ya${'29'}.${opaqueWithDigits(seed, 40)}`],
  ['hugging face', (seed) => `h${'f'}_${opaqueWithDigits(seed, 34)}`],
  ['groq', (seed) => `gs${'k'}_${opaqueWithDigits(seed, 40)}`],
  ['npm', (seed) => `np${'m'}_${opaqueWithDigits(seed, 36)}`],
  ['xai', (seed) => `xa${'i'}-${opaqueWithDigits(seed, 40)}`],
  ['langsmith', (seed) => `lsv2_${'pt'}_${opaqueWithDigits(seed, 32)}`],
  ['sendgrid', (seed) => `S${'G'}.${opaqueWithDigits(seed, 22)}.${opaqueWithDigits(seed + 1, 43)}`],
  ['jwt', (seed) => [`{"alg":"HS256"}`, `{"sub":"u-${seed}"}`, `sig-${seed}-sig-sig`].map(base64url).join('.')],
  ['email', (seed) => `${opaque(seed, 7, 'abcdefghijklmnop')}.doe@mail-${seed}.example.org`],
  ['phone', (seed) => `+49 170 ${opaque(seed, 7, '123456789')}`],
  ['card', (seed) => cardOf(seed)],
  ['iban', (seed) => ibanOf(seed)],
  ['ticket', (seed) => `TCK-${opaque(seed, 8, '123456789')}`],
  ['customer', (seed) => customers[seed % customers.length] as string],
];

const named: readonly (readonly [kind: string, name: string])[] = [
  ['password', 'password'],
  ['database password', 'DB_PASSWORD'],
  ['api key', 'api_key'],
  ['api key header', 'x-api-key'],
  ['azure key', 'Ocp-Apim-Subscription-Key'],
  ['aws secret', 'AWS_SECRET_ACCESS_KEY'],
  ['access token', 'access_token'],
  ['refresh token', 'refreshToken'],
  ['client secret', 'client_secret'],
  ['session token', 'x-amz-security-token'],
  ['vault token', 'X-Vault-Token'],
  ['signing secret', 'signing_secret'],
  ['passphrase', 'passphrase'],
  ['private key', 'private_key'],
  ['encryption key', 'encryptionKey'],
];

export const customers: readonly string[] = [
  ...['Annegret Holzapfel', 'Bülent Özgür', "Seán O'Brien", 'Zoë van der Meer'],
  ...['Ingeborg Straßmann', 'María-José Núñez', 'Łukasz Wójcik', 'Nguyễn Thị Hoa'],
];

/** What finds those that are no credentials. */
export const plantedRules: RedactOptions = {
  values: [
    'email',
    'phone',
    'card',
    'iban',
    { name: 'ticket', find: (text) => text.match(/TCK-\d{8}/g) ?? [] },
    { name: 'customer', texts: customers },
  ],
};

export function plantedSecrets(seed: number): readonly PlantedSecret[] {
  return [
    ...shaped.map(([kind, text]) => ({ kind, secret: text(seed), name: 'note', isShaped: true })),
    ...named.map(([kind, name], index) => ({
      kind,
      secret: `T0p-${opaqueWithDigits(seed + index, 14)}`,
      name,
      isShaped: false,
    })),
  ];
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function cardOf(seed: number): string {
  const digits = withCheckDigit(`4${opaque(seed, 14, '0123456789')}`);
  if (checkedCard(digits) === undefined) throw new Error('a card without its check digit');
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ');
}

function ibanOf(seed: number): string {
  const account = opaque(seed, 18, '0123456789');
  return `DE${String(98 - ibanRemainder(`DE00${account}`)).padStart(2, '0')}${account}`;
}

export interface Disguise {
  readonly name: string;
  readonly write: (planted: PlantedSecret) => string;
}

function assigned({ name, secret }: PlantedSecret): string {
  return JSON.stringify({ [name]: secret, n: 1 });
}

export const disguises: readonly Disguise[] = [
  { name: 'JSON', write: assigned },
  {
    name: 'JSON in JSON',
    write: (planted) => JSON.stringify({ arguments: JSON.stringify({ inner: assigned(planted) }) }),
  },
  {
    name: 'after an escaped line break',
    write: ({ name, secret }) => JSON.stringify({ text: `read:\n${name}=${secret}\nend` }),
  },
  {
    name: 'a link',
    write: ({ name, secret }) => `see https://api.example/v1?${name}=${encodeURIComponent(secret)}&page=2`,
  },
  { name: 'base64 of JSON', write: (planted) => `config: ${Buffer.from(assigned(planted)).toString('base64')} end` },
  { name: 'base64url of JSON', write: (planted) => `?state=${Buffer.from(assigned(planted)).toString('base64url')}` },
  { name: 'YAML', write: ({ name, secret }) => `kind: Secret\ndata:\n  ${name}: "${secret}"\n  other: 1\n` },
  { name: 'XML', write: ({ name, secret }) => `<config><${name}>${xml(secret)}</${name}></config>` },
  { name: 'TOML', write: ({ name, secret }) => `[auth]\n${name} = "${secret}"\nretries = 3\n` },
  { name: '.env', write: ({ name, secret }) => `PATH=/bin\nexport ${name}="${secret}"\nHOME=/root\n` },
  { name: 'a command line', write: ({ name, secret }) => `run --${name} "${secret}" --verbose` },
  {
    name: 'headers as JSON',
    write: ({ name, secret }) =>
      JSON.stringify([
        ['accept', '*/*'],
        [name, secret],
      ]),
  },
  { name: 'headers as records', write: ({ name, secret }) => JSON.stringify({ headers: [{ name, value: secret }] }) },
  {
    name: 'a basic header',
    write: ({ secret }) => `Authorization: Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
  },
  {
    name: 'an error message',
    write: ({ name, secret }) => `Error: refused (${name}=${secret}) at Client.ask (/app/client.js:3:7)`,
  },
  {
    name: 'the environment of a container',
    write: ({ name, secret }) => `env:\n  - name: ${name}\n    value: "${secret}"\n`,
  },
  {
    name: 'key and value in records',
    write: ({ name, secret }) => JSON.stringify([{ ParameterKey: name, ParameterValue: secret }]),
  },
  { name: 'gzip in base64', write: (planted) => `{"data":"${gzipSync(assigned(planted)).toString('base64')}"}` },
];

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
}

export const placeNames = [
  'input',
  'request',
  'packed request',
  'answer',
  'parts of an answer',
  'pieces of a stream',
  'call',
  'state',
  'chunks',
  'events',
  'error',
  'header',
  'bytes',
] as const;
export type PlaceName = (typeof placeNames)[number];

/** A run that holds a text at one place, and more in its state. */
export function planted(text: string, place: PlaceName, more: Record<string, unknown> = {}): readonly Entry[] {
  const value = (given: unknown): Value => canonicalValue(given, 'planted');
  const is = (name: PlaceName): boolean => name === place;
  const pieces = [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  const stream = cut(text)
    .map((piece) => `data: ${JSON.stringify({ delta: { text: piece } })}\n\n`)
    .join('');
  const body =
    is('answer') || is('parts of an answer') ? JSON.stringify({ text }) : is('pieces of a stream') ? stream : '{}';
  const parts = is('parts of an answer') ? cutLengths(body) : [Buffer.byteLength(body)];
  const request = is('request')
    ? { body: { json: { messages: [{ content: text }] } }, method: 'POST' }
    : is('packed request')
      ? { body: gzipSync(text) }
      : { method: 'GET' };
  return [
    runEntry('r', graphOf()),
    commitEntry('0', { input: value(is('input') ? { text } : { text: '' }), frontier: [{ node: 'ask' }] }),
    httpEffect('1.0#1', body, {
      request: value(request),
      observed: {
        began: 1,
        ended: 2,
        parts,
        answer: { headers: [['x-echo', is('header') ? text.replaceAll('\n', ' ') : 'none']] },
      },
    }),
    effectEntry('1.0#1', { outcome: { kind: 'value', value: value(is('call') ? { found: [text] } : 1) } }),
    ...(is('chunks') ? [chunks(pieces.map((piece) => value({ text: piece })))] : []),
    ...(is('events')
      ? pieces.map((piece, ordinal) => eventEntry('1.0#1', { name: 'token', ordinal, data: value({ piece }) }))
      : []),
    outcomeEntry('1.0#1', {
      result: is('error')
        ? { status: 'failed', error: value(Object.assign(new Error(text), { hint: text })) }
        : {
            status: 'done',
            delta: value({ ...(is('state') ? { text } : is('bytes') ? { text: Buffer.from(text) } : {}), ...more }),
          },
      observed: { began: 1, ended: 2, stacks: is('error') ? [`at ask (/app/${encodeURIComponent(text)}.js:1:1)`] : [] },
    }),
    commitEntry('1'),
    endEntry(),
  ];
}

function chunks(deltas: readonly Value[]): Entry {
  return {
    kind: 'chunk',
    at: '1.0#1' as never,
    node: 'ask',
    ordinal: 0,
    deltas: canonicalList(deltas),
    observed: { times: deltas.map((_delta, index) => index) },
  };
}

function cut(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += 7) pieces.push(text.slice(start, start + 7));
  return pieces;
}

function cutLengths(body: string): readonly number[] {
  const length = Buffer.byteLength(body);
  return Array.from({ length: Math.ceil(length / 5) }, (_, index) => Math.min(5, length - index * 5));
}
