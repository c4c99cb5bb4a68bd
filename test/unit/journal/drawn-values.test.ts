// What clients draw anew for each request, and what therefore tells no two requests apart.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnValues } from '../../../src/journal/http/drawn-values.ts';
import { httpRequestIdentity } from '../../../src/journal/http/http-request.ts';
import { answerWithId, askedId } from '../../../src/journal/http/json-rpc-answer.ts';

const headersOf = (type: string): readonly (readonly [string, string])[] => [['content-type', type]];
const identity = (body: unknown, drawn: number | undefined = 1): unknown =>
  httpRequestIdentity(
    {
      method: 'POST',
      url: 'https://api.test/',
      headers: headersOf(typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json'),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    { headers: 1, ...(drawn === undefined ? {} : { drawn }) },
  );

describe('two requests that differ only in what their client drew', () => {
  it.each<readonly [string, (drawn: string) => unknown]>([
    ['a token of DynamoDB', (ClientRequestToken) => ({ TransactItems: [{ Put: {} }], ClientRequestToken })],
    ['a token of a REST service of AWS', (clientToken) => ({ name: 'x', clientToken })],
    ['a token of EFS', (CreationToken) => ({ CreationToken, Encrypted: true })],
    ['a token of the query protocol', (drawn) => `Action=RunInstances&ClientToken=${drawn}`],
    ['an id of JSON-RPC', (id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'search' } })],
    [
      'several messages at once',
      (id) => [
        { jsonrpc: '2.0', id, method: 'a' },
        { jsonrpc: '2.0', method: 'b' },
      ],
    ],
    ['a token of progress', (id) => ({ jsonrpc: '2.0', id: 1, method: 'a', params: { _meta: { progressToken: id } } })],
  ])('are equal: %s', (_, body) => {
    expect(identity(body('one'))).toEqual(identity(body('other')));
    // Runs from before there was such a list.
    expect(identity(body('one'), 0)).not.toEqual(identity(body('other'), 0));
  });

  it.each<readonly [string, unknown, unknown]>([
    ['another message', { jsonrpc: '2.0', id: 1, method: 'a' }, { jsonrpc: '2.0', id: 1, method: 'b' }],
    ['a message that wants no answer', { jsonrpc: '2.0', id: 1, method: 'a' }, { jsonrpc: '2.0', method: 'a' }],
    ['an id that is data', { id: 1, name: 'x' }, { id: 2, name: 'x' }],
    ['a token further in', { item: { clientToken: 'a' } }, { item: { clientToken: 'b' } }],
  ])('and others are not: %s', (_, one, other) => {
    expect(identity(one)).not.toEqual(identity(other));
  });

  it('has a reason for each', () => {
    expect(drawnValues().length).toBeGreaterThan(1);
    for (const { why, places } of drawnValues()) expect([why.length > 20, places.length > 0]).toEqual([true, true]);
  });
});

describe('the recorded answer to a message of JSON-RPC', () => {
  it('knows the id of a single message, and of nothing else', () => {
    expect(askedId('{"jsonrpc":"2.0","id":"a","method":"m"}')).toBe('"a"');
    for (const other of [
      '{"jsonrpc":"2.0","method":"m"}',
      '{"id":1,"method":"m"}',
      '[{"jsonrpc":"2.0","id":1}]',
      'x',
      '',
    ])
      expect(askedId(other)).toBeUndefined();
  });

  it('keeps everything but the id: in JSON and in events, whatever stands beside it', () => {
    const text = fc.string({ unit: 'binary' });
    const result = fc.dictionary(fc.constantFrom('id', 'jsonrpc', 'a'), fc.oneof(text, fc.constant({ id: 7 })));
    const ids = fc.oneof(fc.nat(), text);
    fc.assert(
      fc.property(ids, ids, result, fc.boolean(), fc.nat(3), (recorded, asked, given, isEvents, cut) => {
        const message = (id: unknown) => {
          const json = JSON.stringify({ result: given, jsonrpc: '2.0', id });
          return isEvents ? `event: message\ndata: {"jsonrpc":"2.0","method":"m","id":3}\n\ndata: ${json}\n\n` : json;
        };
        const body = message(recorded);
        const length = Buffer.byteLength(body);
        const first = Math.floor((length * cut) / 4);
        const answer = answerWithId({ body, parts: [first, length - first] }, JSON.stringify(asked));
        expect(answer.body).toBe(message(asked));
        expect(answer.parts.every((part) => part >= 0)).toBe(true);
        expect(answer.parts.reduce((sum, part) => sum + part, 0)).toBe(Buffer.byteLength(answer.body));
      }),
    );
  });
});
