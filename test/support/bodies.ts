// Arbitrary bodies of HTTP answers: JSON as servers spell it, server-sent events, and texts of no known form.
import fc from 'fast-check';

const json = fc.jsonValue({ maxDepth: 3 });

const oddNumbers = fc.constantFrom(
  '{"a":1.0}',
  '{"a":1e2}',
  '[1E+2,0.10]',
  '{"a":-0}',
  '{"b":1,"a":2,"b":3}',
  '[12345678901234567890]',
);

const eventText = fc
  .tuple(
    fc.array(
      fc.oneof(
        json.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      { maxLength: 6 },
    ),
    fc.constantFrom('\n\n', '\r\n\r\n', '\n', '\r'),
  )
  .map(([items, end]) => items.map((item) => `data: ${item}${end}`).join(''));

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  // UTF-16 code units in any order, so lone surrogates too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
  fc.string().map((text) => `\ufeff${text}`),
);

const short = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  json.map((value) => JSON.stringify(value, null, 2)),
  json.map((value) => JSON.stringify(value, null, 4)),
  json.map((value) => `${JSON.stringify(value)}\n`),
  oddNumbers,
  eventText,
  anyText,
);

export const bodies: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: short },
  // Beyond what fits in a line, with characters that are escaped, and pairs that a cut could go through.
  {
    weight: 1,
    arbitrary: fc
      .tuple(short, fc.integer({ min: 1, max: 40 }))
      .map(([text, count]) => `${text}"\\\u0000😀\n`.repeat(count * 20)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(json, fc.integer({ min: 200, max: 600 }), fc.constantFrom(0, 2))
      .map(([value, count, indent]) =>
        JSON.stringify(
          { items: Array.from({ length: count }, () => value), text: '😀'.repeat(count * 4) },
          null,
          indent,
        ),
      ),
  },
);
