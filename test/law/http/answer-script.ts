// What a server answers, and how a client reads it: generated.
import fc from 'fast-check';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly interim: readonly string[];
  readonly coding: '' | 'gzip' | 'deflate' | 'br' | 'zstd';
  readonly parts: readonly string[];
  readonly framing: 'chunked' | 'length' | 'close';
  readonly trailers: readonly (readonly [string, string])[];
  /** `close`: earlier than announced. `nonsense`: no chunk follows where one should. */
  readonly end: 'complete' | 'reset' | 'close' | 'stall' | 'nonsense';
  readonly fails: '' | 'before the head' | 'in the head';
}

export const fetchReadings = ['reader', 'iterate', 'text', 'bytes', 'clone', 'pipe', 'unread'] as const;
export const nodeReadings = ['flowing', 'iterate', 'texts', 'unread'] as const;

export interface Client {
  readonly kind: 'fetch' | 'node:http';
  readonly method: 'GET' | 'HEAD';
  readonly isMoved: boolean;
  readonly reading: (typeof fetchReadings)[number] | (typeof nodeReadings)[number];
  /** After how many parts it stops: by its signal, or by cancelling or destroying what it reads. 0: after the head. */
  readonly stopsAfter: number | undefined;
  readonly stopsBy: 'signal' | 'reader';
  /** Nobody listens, or there is no such server. */
  readonly target: 'server' | 'closed port' | 'localhost';
}

export interface Exchange {
  readonly answer: Answer;
  readonly client: Client;
}

const headerName = fc.constantFrom(
  'X-One',
  'x-one',
  'X-TWO',
  'eTag',
  'Vary',
  'x-request-id',
  'Set-Cookie',
  'Link',
  'Retry-After',
);
const headerValue = fc.constantFrom('a', '"v1"', 'b, c', 'caf\u00e9', 'a=1; Path=/', '<x>; rel="next"', '7', '');
const header = fc.tuple(headerName, headerValue);
const part = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('data: 1\n\n', '{"a":1}', 'äöü', 'x'.repeat(5_000)),
);

const complete: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(200, 201, 404, 429, 500) },
    fc.constantFrom(203, 204, 304, 599, 600, 999),
  ),
  statusText: fc.constantFrom('OK', 'Everything Fine', '', 'caf\u00e9'),
  headers: fc.array(header, { maxLength: 5 }),
  interim: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.constant(['</style.css>'])),
  coding: fc.oneof(
    { weight: 4, arbitrary: fc.constant('' as const) },
    fc.constantFrom('gzip', 'deflate', 'br', 'zstd'),
  ),
  parts: fc.array(part, { maxLength: 4 }),
  framing: fc.constantFrom('chunked', 'length', 'close'),
  trailers: fc.array(fc.tuple(fc.constantFrom('X-Sum', 'x-sum', 'X-More'), fc.constantFrom('1', 'two')), {
    maxLength: 2,
  }),
  end: fc.constant('complete' as const),
  fails: fc.constant('' as const),
});

const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 6, arbitrary: complete },
  {
    weight: 3,
    arbitrary: fc.tuple(complete, fc.constantFrom('reset', 'close', 'stall')).map(([given, end]) => ({
      ...given,
      end,
      framing: end === 'close' && given.framing === 'close' ? 'chunked' : given.framing,
    })),
  },
  {
    weight: 1,
    arbitrary: complete.map((given) => ({ ...given, end: 'nonsense' as const, framing: 'chunked' as const })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(complete, fc.constantFrom('before the head', 'in the head'), fc.constantFrom('reset', 'close', 'stall'))
      .map(([given, fails, end]) => ({ ...given, fails, end })),
  },
);

const client: fc.Arbitrary<Client> = fc
  .record({
    kind: fc.constantFrom('fetch', 'node:http'),
    method: fc.oneof({ weight: 9, arbitrary: fc.constant('GET' as const) }, fc.constant('HEAD' as const)),
    isMoved: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    fetchReading: fc.constantFrom(...fetchReadings),
    nodeReading: fc.constantFrom(...nodeReadings),
    stopsAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat({ max: 3 })),
    stopsBy: fc.constantFrom('signal', 'reader'),
    target: fc.oneof(
      { weight: 30, arbitrary: fc.constant('server' as const) },
      fc.constantFrom('closed port', 'localhost'),
    ),
  })
  .map(({ fetchReading, nodeReading, ...rest }) => ({
    ...rest,
    isMoved: rest.isMoved && rest.kind === 'fetch',
    reading: rest.kind === 'fetch' ? fetchReading : nodeReading,
  }));

export const byPart: ReadonlySet<Client['reading']> = new Set<Client['reading']>([
  'reader',
  'iterate',
  'flowing',
  'texts',
]);

/** A client that reads everything at once does not stop, and nobody stops an answer that is complete. */
function withoutLateStop(exchange: Exchange): Exchange {
  const { answer: given, client: by } = exchange;
  const hasBody = by.method !== 'HEAD' && given.status !== 204 && given.status !== 304;
  const hasTail = given.framing !== 'length' && given.coding === '';
  const isLast = by.stopsAfter === given.parts.length && given.end === 'complete' && !hasTail;
  const stops = byPart.has(by.reading) && hasBody && !isLast;
  return stops ? exchange : { answer: given, client: { ...by, stopsAfter: undefined } };
}

export const exchanges: fc.Arbitrary<Exchange> = fc.record({ answer, client }).map(withoutLateStop);
