import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { bodyBytesMax } from '../../../src/journal/http/http-body.ts';
import { httpRequestIdentity } from '../../../src/journal/http/http-request.ts';
import { recordedRules, requestRules, unfollowedRules } from '../../../src/journal/http/request-rules.ts';
import type { RequestRulesOptions } from '../../../src/journal/http/request-rules.ts';

interface Given {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function identity(given: Given, options: RequestRulesOptions = {}): Record<string, unknown> {
  const body = typeof given.body === 'string' ? new TextEncoder().encode(given.body) : given.body;
  const url = given.url ?? 'https://api.test/v1/thing';
  return httpRequestIdentity(
    { method: given.method ?? 'post', url, headers: Object.entries(given.headers ?? {}), body },
    requestRules(options),
  ) as Record<string, unknown>;
}
const json = { 'Content-Type': 'application/json; charset=utf-8' };

describe('httpRequestIdentity', () => {
  it('is method, origin, path, query and body', () => {
    expect(
      identity({ url: 'https://api.test:443/v1/a%20b?z=1&a=2&a=1#top', headers: json, body: '{"b":1,"a":[null]}' }),
    ).toEqual({
      method: 'POST',
      origin: 'https://api.test',
      path: '/v1/a%20b',
      query: [
        ['a', '1'],
        ['a', '2'],
        ['z', '1'],
      ],
      body: { json: { a: [null], b: 1 } },
    });
    expect(identity({ method: 'GET' })).toEqual({
      method: 'GET',
      origin: 'https://api.test',
      path: '/v1/thing',
      query: [],
    });
  });

  it('takes JSON by value, whatever its type says, and tells it from the same text', () => {
    const said = identity({ headers: json, body: '{"a":1, "b":2}' });
    expect(identity({ headers: { 'content-type': 'text/plain' }, body: '{"b":2,"a":1.0}' })).toEqual(said);
    expect(identity({ headers: json, body: '"x"' }).body).toEqual({ json: 'x' });
    expect(identity({ body: 'x' }).body).toBe('x');
    expect(identity({ headers: json, body: '{"cut' }).body).toBe('{"cut');
  });

  it('does not take two large numbers for one', () => {
    const first = canonicalTextOf(identity({ body: '{"id":12345678901234567890}' }) as never);
    expect(first).not.toBe(canonicalTextOf(identity({ body: '{"id":12345678901234567891}' }) as never));
  });

  it('replaces credentials in query, listed headers and body', () => {
    const options = { match: { headers: ['X-Api-Key', 'x-feature'] } };
    expect(
      identity(
        {
          url: 'https://user:pw@api.test/v1?key=AIza&q=1',
          headers: { 'x-api-key': 'abc', 'X-Feature': 'on', 'user-agent': 'node' },
          body: '{"metadata":{"api_key":"abc"}}',
        },
        options,
      ),
    ).toEqual({
      method: 'POST',
      origin: 'https://api.test',
      path: '/v1',
      query: [
        ['key', '[redacted:api-key]'],
        ['q', '1'],
      ],
      headers: [
        ['x-api-key', '[redacted:api-key]'],
        ['x-feature', 'on'],
      ],
      body: { json: { metadata: { api_key: '[redacted:api-key]' } } },
    });
  });

  it('knows origins by their alias, and takes all of this machine for one', () => {
    const origins = { openai: ['https://api.openai.com', 'http://127.0.0.1:4000'] };
    expect(identity({ url: 'https://api.openai.com/v1' }, { origins }).origin).toBe('openai');
    expect(identity({ url: 'http://127.0.0.1:4000/v1' }, { origins }).origin).toBe('openai');
    for (const url of ['http://localhost:1', 'http://127.3.2.1:2', 'https://[::1]:3', 'http://app.localhost']) {
      expect(identity({ url }, { origins }).origin).toBe('loopback');
    }
    expect(identity({ url: 'http://localhost.test' }).origin).toBe('http://localhost.test');
  });

  it('takes forms by their fields', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(identity({ headers, body: 'token=abc&b=2+3&a=1' }).body).toEqual({
      form: [
        ['a', '1'],
        ['b', '2 3'],
        ['token', '[redacted:token]'],
      ],
    });
  });

  it('takes multipart by its parts, whatever the boundary is', async () => {
    const bodyOf = async (): Promise<unknown> => {
      const form = new FormData();
      form.append('question', 'why?');
      form.append('password', 'hunter2');
      form.append('file', new File([new Uint8Array([255, 0, 1])], 'a.bin', { type: 'application/octet-stream' }));
      form.append('data', new Blob(['{"b":1,"a":2}'], { type: 'application/json' }), 'data.json');
      const sent = new Request('https://api.test', { method: 'POST', body: form });
      const headers = { 'content-type': sent.headers.get('content-type') ?? '' };
      return identity({ headers, body: new Uint8Array(await sent.arrayBuffer()) }).body;
    };
    const body = await bodyOf();
    expect(body).toEqual({
      multipart: [
        { name: 'question', body: 'why?' },
        { name: 'password', body: '[redacted:password]' },
        { name: 'file', filename: 'a.bin', type: 'application/octet-stream', body: new Uint8Array([255, 0, 1]) },
        { name: 'data', filename: 'data.json', type: 'application/json', body: { json: { a: 2, b: 1 } } },
      ],
    });
    expect(await bodyOf()).toEqual(body);
  });

  it('takes a form by its parts under another type, too', () => {
    const bodyOf = (boundary: string): unknown => {
      const part = 'Content-Disposition: form-data; name="question"\r\n\r\nwhy?';
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return identity({ headers, body: `--${boundary}\r\n${part}\r\n--${boundary}--\r\n` }).body;
    };
    expect(bodyOf('----one')).toEqual({ multipart: [{ name: 'question', body: 'why?' }] });
    expect(bodyOf('----other')).toEqual(bodyOf('----one'));
  });

  it('keeps binary bodies as bytes, and malformed multipart as what it is', () => {
    expect(identity({ body: new Uint8Array([0xff, 0xfe]) }).body).toEqual(new Uint8Array([0xff, 0xfe]));
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    for (const body of ['', '--x', '--x\r\n', '--x\r\nno header', '--y--', '--x\r\n\r\nbody without end']) {
      expect(identity({ headers, body }).body).toBe(body === '' ? undefined : body);
    }
  });

  it('keeps only a digest of what is too large, computed without the credentials in it', () => {
    const filler = 'x'.repeat(bodyBytesMax);
    const one = identity({ body: JSON.stringify({ filler, api_key: 'one' }) });
    expect(one.body).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(identity({ body: JSON.stringify({ filler, api_key: 'two' }) })).toEqual(one);
    expect(identity({ body: JSON.stringify({ filler: `${filler}y`, api_key: 'one' }) })).not.toEqual(one);
  });

  it.each([
    ['x-amz-target', 'DynamoDB_20120810.DescribeTable', 'DynamoDB_20120810.DeleteTable'],
    ['SOAPAction', '"urn:get"', '"urn:delete"'],
    ['X-HTTP-Method-Override', 'PATCH', 'DELETE'],
    ['Range', 'bytes=0-9', 'bytes=10-19'],
    ['Content-Range', 'bytes 0-9/20', 'bytes 10-19/20'],
    ['If-Match', '"v1"', '"v2"'],
    ['Last-Event-ID', '7', '8'],
    ['X-Tenant', 'acme', 'umbrella'],
    ['x-org-id', '1', '2'],
    ['OpenAI-Organization', 'org-1', 'org-2'],
    ['Stripe-Account', 'acct_1', 'acct_2'],
    ['Accept', 'application/vnd.github.diff', 'application/vnd.github.patch'],
    ['Host', 'one.test', 'two.test'],
  ])('counts %s, which chooses what is asked for', (name, one, other) => {
    expect(identity({ headers: { [name]: one } })).not.toEqual(identity({ headers: { [name]: other } }));
    expect(identity({ headers: { [name]: one } })).not.toEqual(identity({}));
    expect(identity({ headers: { [name]: one } })).toEqual(identity({ headers: { [name.toLowerCase()]: one } }));
  });

  it.each([
    ['user-agent', 'OpenAI/JS 7.57'],
    ['x-stainless-retry-count', '1'],
    ['x-request-id', '83f1'],
    ['idempotency-key', 'a-1'],
    ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['date', 'Sat, 28 Nov 2026 17:00:00 GMT'],
    ['x-amz-date', '20261128T170000Z'],
    ['authorization', 'Bearer abc'],
    ['anthropic-version', '2023-06-01'],
    ['accept', 'application/json'],
    ['accept', 'application/json, text/plain, */*'],
    ['accept-encoding', 'gzip'],
    ['host', 'api.test'],
  ])('does not count %s: %s', (name, value) => {
    expect(identity({ headers: { [name]: value } })).toEqual(identity({}));
  });

  it('takes a service that moved to another port of this machine for the same one', () => {
    const at = (port: number): unknown =>
      identity({ url: `http://127.0.0.1:${port}/`, headers: { host: `127.0.0.1:${port}` } });
    expect(at(4001)).toEqual(at(4002));
  });

  it('tells Unix sockets apart, and gives them aliases', () => {
    const rules = requestRules({ origins: { docker: ['unix:/var/run/docker.sock'] } });
    const at = (socketPath: string, url = 'http://localhost/info'): unknown =>
      (
        httpRequestIdentity({ method: 'GET', url, socketPath, headers: [], body: undefined }, rules) as {
          origin: string;
        }
      ).origin;
    expect(at('/run/a.sock')).toBe('unix:/run/a.sock');
    expect(at('/run/b.sock')).toBe('unix:/run/b.sock');
    expect(at('/var/run/docker.sock', 'http://docker/info')).toBe('docker');
  });

  it.each([
    ['X-Amz-Signature=1&X-Amz-Date=2&X-Amz-Credential=3&X-Amz-Expires=60&X-Amz-SignedHeaders=host', 'x-id=GetObject'],
    ['X-Goog-Signature=1&X-Goog-Date=2&X-Goog-Credential=a%2Fb&X-Goog-Algorithm=GOOG4', 'generation=7'],
    ['GoogleAccessId=me&Expires=17&Signature=abc', 'alt=media'],
    ['AWSAccessKeyId=AKIA&Expires=17&Signature=abc&x-amz-security-token=t', 'versionId=1'],
    ['Key-Pair-Id=K&Expires=17&Signature=abc&Policy=p', 'size=large'],
    ['sv=2024-01-01&se=2026&sp=r&sr=b&sig=abc', 'comp=block&blockid=1'],
    ['oauth_signature=abc&oauth_nonce=1&oauth_timestamp=2', 'page=1'],
  ])('leaves out what signs a link: %s', (signing, rest) => {
    const link = (query: string): unknown => identity({ url: `https://bucket.test/key?${query}` });
    expect(link(`${signing}&${rest}`)).toEqual(link(rest));
    expect(link(`${signing}&${rest}`)).not.toEqual(link(`${signing}&${rest}2`));
  });

  it('counts a parameter that is named like a part of a signature where nothing is signed', () => {
    const link = (query: string): unknown => identity({ url: `https://api.test/?${query}` });
    expect(link('expires=1')).not.toEqual(link('expires=2'));
    expect(link('sp=r')).not.toEqual(link('sp=w'));
  });

  it.each([
    ['anthropic-beta', 'context-1m-2025-08-07', 'files-api-2025-04-14'],
    ['OpenAI-Beta', 'assistants=v1', 'assistants=v2'],
  ])('switches a feature: %s counts in runs that are recorded now, and in no earlier ones', (name, one, other) => {
    const of = (value: string | undefined, rules = requestRules({})): unknown =>
      httpRequestIdentity(
        {
          method: 'POST',
          url: 'https://api.test/v1/messages',
          headers: value === undefined ? [] : [[name.toLowerCase(), value]],
          body: undefined,
          socketPath: undefined,
        },
        rules,
      );
    expect(of(one)).not.toEqual(of(other));
    expect(of(one)).not.toEqual(of(undefined));
    const earlier = { ...requestRules({}), headers: 1 };
    expect(of(one, earlier)).toEqual(of(undefined, earlier));
  });

  it('tells requests of a run of version 1 apart as version 1 did', () => {
    const rules = recordedRules({ semantics: 1 }, { match: { headers: ['X-Feature'] } });
    const given = { range: 'bytes=0-9', host: 'tenant.test', 'x-feature': 'on' };
    const parts = { method: 'GET', body: undefined, headers: Object.entries(given), socketPath: '/a.sock' };
    expect(httpRequestIdentity({ ...parts, url: 'http://localhost/f?X-Amz-Signature=1&X-Amz-Date=2' }, rules)).toEqual({
      method: 'GET',
      origin: 'loopback',
      path: '/f',
      query: [
        ['X-Amz-Date', '2'],
        ['X-Amz-Signature', '[redacted:signature]'],
      ],
      headers: [['x-feature', 'on']],
    });
  });
});

describe('recordedRules', () => {
  const options: RequestRulesOptions = { match: { headers: ['X-B', 'x-a', 'x-b'] }, origins: { b: [], a: [] } };

  it('are those of the run, whatever the options are', () => {
    const rules = requestRules(options);
    expect(rules).toEqual({
      headers: 2,
      drawn: 1,
      moreHeaders: ['x-a', 'x-b'],
      origins: { a: [], b: [] },
      outside: { listed: 1 },
    });
    expect(recordedRules({ semantics: 2, rules }, { match: { headers: ['x-c'] } })).toBe(rules);
    expect(recordedRules({ semantics: 1, rules }, {})).toBe(rules);
  });

  it('are fixed for a run that does not say, and those of the options in version 1', () => {
    expect(recordedRules({ semantics: 2 }, options)).toEqual({ headers: 1 });
    const { outside: _outside, drawn: _drawn, ...rules } = requestRules(options);
    expect(recordedRules({ semantics: 1 }, options)).toEqual({ ...rules, headers: 0 });
  });

  it('name the options that they do not follow', () => {
    const rules = requestRules(options);
    expect(unfollowedRules(rules, requestRules({}))).toEqual([]);
    expect(unfollowedRules(rules, rules)).toEqual([]);
    expect(unfollowedRules(rules, requestRules({ match: { headers: ['x-a'] } }))).toEqual(['match.headers']);
    expect(unfollowedRules(requestRules({}), rules)).toEqual(['origins', 'match.headers']);
  });
});
