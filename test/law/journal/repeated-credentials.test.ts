// What an answer repeats of its request is found in it, kept as a place, and gone from the fixture, whatever carried it and
// however it is written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import type { Json } from '../../../src/base/encode.ts';
import { decodeEntry, encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import type { HttpRequestParts } from '../../../src/journal/http/http-request.ts';
import { credentialsOf } from '../../../src/journal/http/sent-credentials.ts';
import {
  repeatedIn,
  withFittingRepeats,
  withRepeats,
  withoutRepeats,
} from '../../../src/journal/redact/find/repeated-credentials.ts';
import { redactEntries } from '../../../src/journal/redact/redact-entry.ts';
import { NamedMarks, RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../src/journal/redact/rule/redaction-rules.ts';
import { scrubbed } from '../../../src/record/scrub-runs.ts';
import { RecordedRedaction } from '../../../src/replay/redaction/recorded-redaction.ts';
import { writeFixture } from '../../../src/store/fixture/write-fixture.ts';
import { collected, commitEntry, endEntry, httpEffect, later, outcomeEntry, runEntry } from '../../support/journals.ts';

type Carried = (secret: string) => Partial<HttpRequestParts>;

const headed =
  (name: string, before = ''): Carried =>
  (secret) => ({ headers: [[name, before + secret]] });

const carriers: { readonly [name: string]: Carried } = {
  bearer: headed('Authorization', 'Bearer '),
  scheme: headed('authorization', 'Token '),
  basic: (secret) => ({
    headers: [['authorization', `Basic ${Buffer.from(`svc:${secret}`).toString('base64')}`]],
  }),
  'x-api-key': headed('X-Api-Key'),
  'api-key': headed('api-key'),
  'x-goog-api-key': headed('x-goog-api-key'),
  cookie: (secret) => ({ headers: [['cookie', `theme=dark; session=${encodeURIComponent(secret)}; lang=en`]] }),
  api_key: (secret) => ({ url: `https://x.test/?api_key=${encodeURIComponent(secret)}` }),
  access_token: (secret) => ({ url: `https://x.test/?n=1&access_token=${encodeURIComponent(secret)}` }),
  password: (secret) => ({ body: Buffer.from(JSON.stringify({ note: 'a "b" \\', user: { password: secret } })) }),
};

/** Also with what JSON, links and pages escape. */
const secrets = ['q7vTx29LmPw4RkYc81', 'q7vTx29L/mPw4+RkYc=', 'q7"vT\\x29&L<mPw4', 'schön-q7vTx29LmPw4'];

const base64 =
  (offset: number, encoding: 'base64' | 'base64url') =>
  (secret: string): string =>
    Buffer.from(`${'??>'.slice(0, offset)}${secret} is denied, it has expired`).toString(encoding);

const escaping =
  (which: RegExp, escaped: (code: number) => string, first = (secret: string): string => secret) =>
  (secret: string): string =>
    first(secret).replace(which, (one) => escaped(one.codePointAt(0) as number));

const written: { readonly [name: string]: (secret: string) => string } = {
  'as it is': (secret) => secret,
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  'json with slashes': (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  'a link': encodeURIComponent,
  'a page': (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  'a page with numbers': escaping(/[^A-Za-z\d]/gu, (code) => `&#${code};`),
  'a page with zeros before them': escaping(/[^A-Za-z\d]/gu, (code) => `&#0${code};`),
  'a page with hexadecimal numbers': escaping(/[^A-Za-z\d]/gu, (code) => `&#x${code.toString(16)};`),
  'a page of Mustache': escaping(/[&<>"'`=/]/g, (code) => `&#x${code.toString(16).toUpperCase()};`),
  'a page of Go': escaping(/[<>"'+]/g, (code) => `&#${code};`),
  'a link in small letters': (secret) => encodeURIComponent(secret).replace(/%../g, (one) => one.toLowerCase()),
  'a link in a link': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'json of Go': escaping(
    /[&<>]/g,
    (code) => `\\u00${code.toString(16)}`,
    (secret) => JSON.stringify(secret).slice(1, -1),
  ),
  'a script': escaping(/[^A-Za-z\d]/g, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  'a script in short': escaping(/[&<>"'\\/+=]/g, (code) => `\\x${code.toString(16).padStart(2, '0')}`),
  ...Object.fromEntries([0, 1, 2].map((offset) => [`base64 ${offset}`, base64(offset, 'base64')])),
  ...Object.fromEntries([0, 1, 2].map((offset) => [`base64url ${offset}`, base64(offset, 'base64url')])),
};

const requestOf = (carried: Partial<HttpRequestParts>): HttpRequestParts => ({
  method: 'POST',
  url: 'https://x.test/',
  headers: [],
  body: undefined,
  ...carried,
});

/** An answer as it stands in a store, with a body or with an error. */
function answered(carried: Partial<HttpRequestParts>, text: string, as: (typeof forms)[number]): EffectEntry {
  const entry = httpEffect('1.0#1', as === 'text' ? text : '{}');
  const value = entry.outcome.kind === 'value' ? (entry.outcome.value as { readonly [key: string]: Value }) : {};
  const outcome =
    as === 'error'
      ? ({ kind: 'error', error: canonicalValue(new Error('no', { cause: new Error(text) }), 'error') } as const)
      : as === 'bytes'
        ? ({
            kind: 'value',
            value: canonicalValue(
              { ...value, body: new Uint8Array(Buffer.concat([Buffer.from([0, 0xff, 0]), Buffer.from(text)])) },
              'answer',
            ),
          } as const)
        : entry.outcome;
  const facts = as === 'header' ? { answer: { headers: [['x-denied', text]] as const } } : {};
  const { outcome: kept, facts: known } = withRepeats({ outcome, facts }, credentialsOf(requestOf(carried)));
  return { ...entry, outcome: kept, observed: { began: 1, ended: 2, ...known } };
}

const forms = ['text', 'bytes', 'error', 'header'] as const;

const cases = Object.entries(carriers).flatMap(([carrier, carried]) =>
  Object.entries(written).flatMap(([writing, write]) =>
    secrets.flatMap((secret) => forms.map((form) => ({ carrier, carried, writing, write, secret, form }))),
  ),
);

describe('an answer that repeats a credential', () => {
  it('says where, so that it can be read there, in a store too', () => {
    for (const { carrier, carried, writing, write, secret, form } of cases) {
      // No header holds it.
      if (/[^\0-\x7f]/.test(secret) && /bearer|scheme|key/.test(carrier)) continue;
      const entry = answered(carried(secret), `Denied for: ${write(secret)}.`, form);
      const read = decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))) as Json) as EffectEntry;
      const found = repeatedIn(read).map((each) => each.secret);
      expect(found, JSON.stringify({ carrier, writing, secret, form })).toContain(secret);
      expect(JSON.stringify(read.observed.answer?.repeats)).not.toContain(write(secret));
    }
  });

  it('has one place for each credential, where it stands as it is if it does', () => {
    const [secret = ''] = secrets;
    const text = `${Buffer.from(`?${secret}`).toString('base64')} ${secret} ${secret}`;
    const { observed } = answered(carriers['api-key']?.(secret) ?? {}, text, 'text');
    expect(observed.answer?.repeats).toEqual([
      { kind: 'api-key', in: ['value', 'body'], start: text.indexOf(secret), length: secret.length },
    ]);
  });

  it('has none of what is short, is a word for a setting, or is not there', () => {
    for (const carried of Object.values(carriers)) {
      expect(answered(carried('short7'), 'Denied for short7', 'text').observed).toEqual({ began: 1, ended: 2 });
      expect(answered(carried('q7vTx29LmPw4'), 'Denied for q7vTx29Lm', 'text').observed.answer).toBeUndefined();
    }
  });

  it('leaves no form of it in a fixture, and no place', async () => {
    for (const { carrier, carried, writing, write, secret, form } of cases) {
      const [first] = secrets;
      // Each carrier with each form, and each spelling in a text.
      if (secret !== first && (form !== 'text' || !/password|api_key/.test(carrier))) continue;
      const said = canonicalValue({ said: [`Denied for ${secret}.`, { again: `"${secret}"` }] }, 'delta');
      const answer = answered(carried(secret), `Denied for: ${write(secret)}.`, form);
      const entries: readonly Entry[] = [
        runEntry('r'),
        commitEntry('0', { frontier: [{ node: 'ask' }] }),
        answer,
        outcomeEntry('1.0#1', { result: { status: 'done', delta: said } }),
        // One that outlived its attempt stands beside what is compared.
        { ...answer, kind: 'pooled', occurrence: 1 },
        commitEntry('1'),
        endEntry(),
      ];
      const fixture = Buffer.concat(await collected(writeFixture(() => later(entries)))).toString();
      const what = JSON.stringify({ carrier, writing, secret, form });
      for (const one of [secret, write(secret)])
        for (const text of [one, JSON.stringify(one).slice(1, -1)]) expect(fixture, what).not.toContain(text);
      expect(fixture, what).not.toContain('repeats');
    }
  });

  it('has the mark of its kind wherever it stands', () => {
    const secret = 'correct horse q7 battery';
    const entry = answered({ body: JSON.stringify({ password: secret }) }, `no: ${secret}`, 'text');
    const marks = new RedactionMarks();
    const outcome = outcomeEntry('1.0#1', { result: { status: 'done', delta: `it was ${secret}` } });
    const [, redacted] = redactEntries([entry, outcome], marks);
    expect(redacted).toMatchObject({ result: { delta: 'it was [redacted:password#1]' } });
  });

  it('keeps its places while what stands around them changes', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...Object.keys(written)), (more, writing) => {
        const [secret = ''] = secrets;
        const write = written[writing] ?? String;
        const before = answered({ headers: [['api-key', secret]] }, `Denied for: ${write(secret)}`, 'text');
        const body = `${more} ${write(secret)}`;
        const outcome = { kind: 'value', value: canonicalValue({ body, status: 401 }, 'answer') } as const;
        const after = withFittingRepeats({ ...before, outcome }, before);
        expect(repeatedIn(after)).toEqual(repeatedIn(before));
        const gone = { kind: 'value', value: canonicalValue({ body: more, status: 401 }, 'answer') } as const;
        if (!more.includes(secret))
          expect(withFittingRepeats({ ...before, outcome: gone }, before).observed.answer?.repeats).toBeUndefined();
        expect(withoutRepeats(after).observed.answer).toEqual({ headers: [] });
      }),
    );
  });

  it('keeps its places when what rules name is scrubbed, also where only its head is known', () => {
    const [secret = ''] = secrets;
    const {
      observed,
      kind: _kind,
      ...asked
    } = answered({ headers: [['api-key', secret]] }, `Ann may not: ${secret}`, 'header');
    const begun = { ...asked, kind: 'begin', node: 'ask', observed: { time: 1, ...observed } } as const;
    const marks = new NamedMarks(redactionRules({ values: [{ name: 'person', find: () => ['Ann'] }] }));
    const after = scrubbed(begun, marks);
    expect(JSON.stringify(after)).not.toContain('Ann');
    expect(repeatedIn(after)).toEqual(repeatedIn(begun));
    expect(repeatedIn(after)).toHaveLength(1);
  });

  it('has no place where a replay shows a mark', () => {
    const entry = answered({ headers: [['api-key', secrets[0] ?? '']] }, `Denied for: ${secrets[0]}`, 'text');
    const shown = new RecordedRedaction({ rules: 2 }).compared(undefined, entry) as EffectEntry;
    expect(JSON.stringify(shown)).not.toContain(secrets[0]);
    expect(shown.observed.answer).toEqual({ headers: [] });
  });

  it('is read without harm where its places are wrong', () => {
    const wild = fc.array(
      fc.record(
        {
          kind: fc.constantFrom('api-key' as const, 'cookie' as const),
          in: fc.array(fc.oneof(fc.constantFrom('value', 'error', 'answer', 'body', '__proto__', 'length'), fc.nat()), {
            minLength: 1,
            maxLength: 5,
          }),
          start: fc.nat(100),
          length: fc.integer({ min: 8, max: 100 }),
          encoded: fc.record({
            as: fc.constantFrom('json' as const, 'percent' as const, 'page' as const, 'base64' as const),
            start: fc.nat(100),
            length: fc.nat(100),
          }),
        },
        { requiredKeys: ['kind', 'in', 'start', 'length'] },
      ),
    );
    fc.assert(
      fc.property(wild, fc.string({ maxLength: 200 }), (repeats, body) => {
        const entry = httpEffect('1.0#1', body, { observed: { began: 1, ended: 2, answer: { headers: [], repeats } } });
        for (const { secret } of repeatedIn(decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))) as Json)))
          expect(secret.length).toBeGreaterThanOrEqual(8);
      }),
    );
  });
});
