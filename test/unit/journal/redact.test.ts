import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/base/value.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { credentialsAlone } from '../../../src/journal/redact/rule/redaction-rules.ts';
import { redactRequest, redactValue } from '../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';

const request = (value: unknown) => redactRequest(canonicalValue(value, 'a request'));
const redactor =
  (marks = new RedactionMarks()) =>
  (value: unknown) =>
    redactValue(canonicalValue(value, 'a value'), marks);
const openAiKey = 'sk-proj-abcDEF0123456789abcDEF';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';

describe('redactRequest', () => {
  it.each([
    ['Authorization', `Bearer ${openAiKey}`, 'Bearer [redacted:bearer]'],
    ['proxy-authorization', 'Basic dXNlcjpwYXNz', 'Basic [redacted:basic]'],
    ['authorization', 'opaque-thing', '[redacted:authorization]'],
    ['cookie', 'session=1; theme=dark', '[redacted:cookie]'],
    ['x-api-key', 'replay', '[redacted:api-key]'],
    ['OPENAI_API_KEY', 'replay', '[redacted:api-key]'],
    ['x-goog-api-key', 'anything', '[redacted:api-key]'],
    ['x-amz-security-token', 'FwoGZX', '[redacted:token]'],
    ['access_token', 'abc', '[redacted:token]'],
    ['refreshToken', 'abc', '[redacted:token]'],
    ['client_secret', 'abc', '[redacted:secret]'],
    ['db.password', 'hunter2', '[redacted:password]'],
    ['passwd', 4711, '[redacted:password]'],
    ['private_key', 'anything', '[redacted:private-key]'],
  ])('replaces the value of a field named %s', (name, value, expected) => {
    expect(request({ [name]: value, other: 'stays' })).toEqual({ [name]: expected, other: 'stays' });
    expect(request({ deep: [{ [name]: value }] })).toEqual({ deep: [{ [name]: expected }] });
    expect(request(new Map([[name, value]]))).toEqual(new Map([[name, expected]]));
  });

  it.each([
    { max_tokens: 100, tokens: 3, total_tokens: 7 },
    { token: 'Hello', tokenizer: 'o200k', next_page_token: 'abc', prompt_cache_key: 'user-1' },
    { key: 'name', public_key: 'ssh-ed25519 AAAA', idempotency_key: 'a-1' },
    { secret: true, password: null, api_key: '' },
    { text: 'bearer authentication is explained in the basic chapter; sk-learn is a library' },
    { schema: { type: 'object', properties: { password: { type: 'string' } }, required: ['password', 'email'] } },
    { url: 'https://example.test/path?q=a&page=2', mail: 'someone@example.test' },
  ])('leaves alone what is no credential: %j', (value) => {
    const canonical = canonicalValue(value, 'a request');
    expect(redactRequest(canonical)).toBe(canonical);
  });

  it.each([
    ['OpenAI', openAiKey, 'api-key'],
    ['Anthropic', 'sk-ant-api03-abc_DEF-123', 'api-key'],
    ['AWS', 'AKIAIOSFODNN7EXAMPLE', 'api-key'],
    ['GitHub', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'token'],
    ['Slack', 'xoxb-1234567890-abcdef', 'token'],
    ['Google', 'AIzaSyA-abcdefghijklmnopqrstuvwxyz01234', 'api-key'],
    ['JWT', jwt, 'jwt'],
    ['PEM', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----', 'private-key'],
    ['PEM cut off', '-----BEGIN PRIVATE KEY-----\nMIIE\nabc', 'private-key'],
  ])('finds the shape of %s anywhere in a text', (_of, secret, kind) => {
    expect(request([`before ${secret}`])).toEqual([`before [redacted:${kind}]`]);
  });

  it('finds credentials in links, and leaves the rest of a link', () => {
    expect(request('GET https://example.test/a?key=abc&q=1&access_token=x#top')).toBe(
      'GET https://example.test/a?key=[redacted:api-key]&q=1&access_token=[redacted:token]#top',
    );
    expect(request('postgres://user:hunter2@db.test:5432/main')).toBe(
      'postgres://user:[redacted:password]@db.test:5432/main',
    );
  });

  it('finds them in JSON inside a text, escaped however deep, and in server-sent events', () => {
    const inner = JSON.stringify({ api_key: 'a"b\\', keep: 'x' });
    const outer = JSON.stringify({ arguments: inner, password: 'p"w' });
    const outermost = JSON.stringify({ body: outer });
    const hidden = {
      arguments: JSON.stringify({ api_key: '[redacted:api-key]', keep: 'x' }),
      password: '[redacted:password]',
    };
    expect(request(inner)).toBe(JSON.stringify({ api_key: '[redacted:api-key]', keep: 'x' }));
    expect(request(outer)).toBe(JSON.stringify(hidden));
    expect(request(outermost)).toBe(JSON.stringify({ body: JSON.stringify(hidden) }));
    expect(request(`data: ${outer}\n\ndata: {"password":12345}\n\n`)).toBe(
      `data: ${JSON.stringify(hidden)}\n\ndata: {"password":"[redacted:password]"}\n\n`,
    );
    expect(request('data: {"password":"cut off\n\ndata: {"x":"y"}')).toBe(
      'data: {"password":"[redacted:password]\n\ndata: {"x":"y"}',
    );
  });

  it('finds them in lists of pairs, in bytes, in errors and in keys', () => {
    expect(
      request([
        ['accept', '*/*'],
        ['authorization', 'Bearer abc'],
      ]),
    ).toEqual([
      ['accept', '*/*'],
      ['authorization', 'Bearer [redacted:bearer]'],
    ]);
    const bytes = request(Buffer.from(`{"api_key":"${openAiKey}"}`)) as Uint8Array;
    expect(Buffer.from(bytes).toString()).toBe('{"api_key":"[redacted:api-key]"}');
    const error = request(
      Object.assign(new Error(`refused ${openAiKey}`, { cause: new Error('Bearer abcdef0123456789') }), {
        apiKey: 'abc',
      }),
    ) as Error & { apiKey: string };
    expect(error.message).toBe('refused [redacted:api-key]');
    expect(error.apiKey).toBe('[redacted:api-key]');
    expect((error.cause as Error).message).toBe('Bearer [redacted:bearer]');
    expect(request({ [openAiKey]: 1, [`${openAiKey}2`]: 2 })).toEqual({
      '[redacted:api-key]': 1,
      '[redacted:api-key]~2': 2,
    });
  });

  it('takes marks of a redacted run for the credentials they stand for', () => {
    const recorded = {
      text: `use ${openAiKey}`,
      access_token: 'abc',
      link: 'https://x.test/?key=abc',
      header: `Bearer ${jwt}`,
    };
    const redacted = redactor()(recorded);
    expect(redacted).toEqual({
      text: 'use sk-proj-redacted00000000000003',
      access_token: '[redacted:token#1]',
      link: 'https://x.test/?key=[redacted:api-key%231]',
      header: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.redacted0002',
    });
    expect(redactRequest(redacted)).toEqual(request(recorded));
  });
});

describe('redactValue', () => {
  it('gives each distinct secret a number of its own, the same wherever it stands', () => {
    const redact = redactor();
    expect(redact({ a: { password: 'one' }, b: { password: 'two' }, c: { password: 'one' } })).toEqual({
      a: { password: '[redacted:password#1]' },
      b: { password: '[redacted:password#2]' },
      c: { password: '[redacted:password#1]' },
    });
    expect(redact('{"password":"two","secret":"three"}')).toBe(
      '{"password":"[redacted:password#2]","secret":"[redacted:secret#3]"}',
    );
  });

  it('looks for a distinctive secret everywhere once it is known', () => {
    const redact = redactor();
    const before = redact({ text: 'T0p-opaque-1234 is not known yet' });
    expect(before).toEqual({ text: 'T0p-opaque-1234 is not known yet' });
    redact({ access_token: 'T0p-opaque-1234' });
    expect(redact(before)).toEqual({ text: 'redacted0000001 is not known yet' });
    redact({ password: 'research' });
    expect(redact('the research desk')).toBe('the [redacted:password#2] desk');
    redact({ password: 'summer' });
    expect(redact(['the summer desk', 'summer'])).toEqual(['the summer desk', '[redacted:password#3]']);
  });

  it('continues counting after the marks of an earlier redaction', () => {
    expect(redactor(new RedactionMarks(credentialsAlone, 3))({ secret: '[redacted:secret#3]', password: 'x' })).toEqual(
      {
        secret: '[redacted:secret#3]',
        password: '[redacted:password#4]',
      },
    );
  });

  it('returns what holds no credential as it is, and shares what did not change', () => {
    const value = canonicalValue({ clean: { list: [1, 'two'] }, dirty: { password: 'x' } }, 'a value') as {
      clean: Value;
      dirty: Value;
    };
    const redacted = redactValue(value, new RedactionMarks()) as { clean: Value };
    expect(redacted.clean).toBe(value.clean);
    expect(Object.isFrozen(redacted)).toBe(true);
  });

  it('takes time linear in the text, whatever the text is', () => {
    const hostile = [
      'sk-',
      'eyJ-',
      'xai-',
      'eyJaaaaaaaaa.',
      '"password":"',
      '\\"password\\":\\"',
      'bearer a',
      '-----BEGIN PRIVATE KEY-----',
      'a=b@://x:',
    ];
    const begin = process.cpuUsage();
    for (const part of hostile) redactor()(part.repeat(300_000 / part.length));
    // Each takes some ten milliseconds; one that is quadratic takes ten seconds.
    // Time of this process: a busy machine does not count.
    expect(process.cpuUsage(begin).user / 1_000).toBeLessThan(5_000);
  });
});
