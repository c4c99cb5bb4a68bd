import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedValue, decodeValue, encodeValue } from '../../../src/base/encode.ts';
import type { Json } from '../../../src/base/encode.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { isLonger, joinParts, lineText, splitInPieces, splitParts } from '../../../src/journal/codec/parts.ts';
import { values } from '../../support/values.ts';

const lineLengthMax = 4_096;

interface Split {
  readonly line: string;
  readonly parts: ReadonlyMap<string, string>;
}

function split(json: Json): Split {
  const parts = new Map<string, string>();
  const line = lineText(splitParts(json, (digest, text) => void parts.set(digest, text)));
  return { line, parts };
}

function join({ line, parts }: Split): Json {
  return joinParts(JSON.parse(line) as Json, (digest) => parts.get(digest));
}

function longestLine({ line, parts }: Split): number {
  const partLines = [...parts].map(([digest, text]) => `{"json":${text},"part":"${digest}"}`);
  return Math.max(...[line, ...partLines].map(({ length }) => length));
}

/** Beyond this a value takes minutes, and shows nothing that a smaller one does not. */
const weightMax = 200_000;

/** About how long a value is as text. What it repeats is looked at once. */
function weightOf(value: unknown, known = new Map<object, number>()): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  const before = known.get(value);
  if (before !== undefined) return before;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  const weight = inside.reduce<number>((sum, item) => sum + 8 + weightOf(item, known), 8);
  known.set(value, weight);
  return weight;
}

/** Values that repeat small ones, until they exceed a line in length, width or depth. */
const largeValues = fc
  .letrec<{ large: Value }>((tie) => ({
    large: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      values,
      fc
        .tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 300 }))
        .map(([text, count]) => text.repeat(count)),
      fc
        .tuple(tie('large'), fc.integer({ min: 0, max: 60 }))
        .map(([item, count]) => Array.from({ length: count }, () => item)),
      fc
        .tuple(tie('large'), fc.integer({ min: 0, max: 60 }))
        .map(([item, count]) =>
          Object.fromEntries(Array.from({ length: count }, (_unused, index) => [`$key${index}`, item])),
        ),
      fc.dictionary(fc.constantFrom('__proto__', '$part', '$list', 'a'), tie('large'), { noNullPrototype: true }),
    ),
  }))
  .large.filter((value) => weightOf(value) <= weightMax)
  .map((value) => encodeValue(canonicalValue(value, 'value')));

describe('parts', () => {
  it('join to the value that was split', () => {
    fc.assert(
      fc.property(largeValues, (json) => {
        expect(lineText(join(split(json)))).toBe(lineText(json));
      }),
      { numRuns: 60 },
    );
  });

  it('leave no line longer than 4,096 characters', () => {
    fc.assert(
      fc.property(largeValues, (json) => {
        expect(longestLine(split(json))).toBeLessThanOrEqual(lineLengthMax);
      }),
      { numRuns: 60 },
    );
  });

  it('come before the lines that name them, so that one pass can write them', () => {
    fc.assert(
      fc.property(largeValues, (json) => {
        const known = new Set<string>();
        const check = (text: string): void => {
          for (const [, digest] of text.matchAll(/"(?:\$part":)?"?([0-9a-f]{32})"/g)) {
            if (!known.has(String(digest))) throw new Error(`${digest} is named before it is there`);
          }
        };
        const rest = splitParts(json, (digest, text) => {
          check(text);
          known.add(digest);
        });
        check(lineText(rest));
      }),
      { numRuns: 100 },
    );
  });

  it('leave JSON in its original form unchanged, wherever it appears', () => {
    const json = { z: [{ $json: { b: 1, a: { $part: 'not a part' } } }, 'x'.repeat(5_000)], a: 1 };
    const { line, parts } = split(json);
    expect(join({ line, parts })).toEqual(json);
    expect(JSON.stringify((join({ line, parts }) as { z: Json[] }).z[0])).toBe(
      '{"$json":{"b":1,"a":{"$part":"not a part"}}}',
    );
  });

  it('of a list that grew are its old parts, and what was added', () => {
    const message = (index: number): Json => ({ role: 'user', content: `${index}`.repeat(200) });
    const before = Array.from({ length: 100 }, (_unused, index) => message(index));
    const first = split(before);
    const second = split([...before, message(100)]);
    const added = [...second.parts.keys()].filter((digest) => !first.parts.has(digest));
    expect(first.parts.size).toBeGreaterThan(10);
    expect(added.length).toBeLessThanOrEqual(3);
  });

  it('of a text that grew are its old parts, and what was added', () => {
    const before = Array.from({ length: 20_000 }, (_unused, index) => String(index)).join('\n');
    const first = split(before);
    const second = split(`${before} and more`);
    expect([...second.parts.keys()].filter((digest) => !first.parts.has(digest)).length).toBeLessThanOrEqual(3);
  });

  it('are made in pieces of a bounded length, however long a text is', () => {
    const made: number[] = [];
    let length = 0;
    for (const _piece of splitInPieces('some words '.repeat(100_000), (_digest, text) => (length += text.length))) {
      made.push(length);
      length = 0;
    }
    expect(Math.max(...made)).toBeLessThan(30_000);
    expect(made.length).toBeGreaterThan(1_100_000 / 30_000);
  });

  it('are asked for only of what is longer than a line, which needs no text of all of it to be seen', () => {
    fc.assert(
      fc.property(values, fc.nat(300), (value, length) => {
        const json = encodeValue(canonicalValue(value, 'value'));
        if (isLonger(json, length)) expect(JSON.stringify(json).length).toBeGreaterThan(length);
      }),
    );
    expect(isLonger({ data: ['x'.repeat(10_000)] }, 9_000)).toBe(true);
    expect(isLonger({ data: Array.from({ length: 10_000 }, () => 1) }, 9_000)).toBe(true);
    expect(isLonger({ data: ['x'.repeat(8_000)] }, 9_000)).toBe(false);
  });
});

describe('values of the greatest depth allowed', () => {
  const wrappers: Readonly<Record<string, (value: unknown) => unknown>> = {
    list: (value) => [value],
    record: (value) => ({ key: value }),
    map: (value) => new Map([[1, value]]),
    'key of a map': (value) => new Map([[value, 1]]),
    set: (value) => new Set([value]),
    cause: (value) => new Error('deep', { cause: value }),
    'field of an error': (value) => Object.assign(new Error('deep'), { field: value }),
  };

  it.each([
    ['by itself', (text: string): Json => text],
    ['in a record', (text: string): Json => ({ text, more: [text.slice(1), { text: text.slice(2) }] })],
  ])('of a long text %s are made few at a time', (_where, wrap) => {
    const json = wrap(Array.from({ length: 30_000 }, (_unused, index) => `${index} of these words in order `).join(''));
    const emitted: string[] = [];
    let most = 0;
    let before = 0;
    const work = splitInPieces(json, (digest) => void emitted.push(digest));
    let step = work.next();
    while (step.done !== true) {
      most = Math.max(most, emitted.length - before);
      before = emitted.length;
      step = work.next();
    }
    expect(emitted.length).toBeGreaterThan(200);
    expect(most).toBeLessThanOrEqual(16);
    const atOnce = split(json);
    expect(lineText(step.value)).toBe(atOnce.line);
    expect([...new Set(emitted)]).toEqual([...atOnce.parts.keys()]);
  });

  it.each(Object.entries(wrappers))('are written and read: %s', (_name, wrap) => {
    let value: unknown = 'x'.repeat(5_000);
    for (let depth = 0; depth < 1_000; depth += 1) value = wrap(value);
    const json = encodeValue(canonicalValue(value, 'value'));
    const joined = join(split(json));
    expect(lineText(encodeValue(decodeValue(joined)))).toBe(lineText(json));
  });
});

describe('hostile parts', () => {
  const refused = (line: Json, parts: Readonly<Record<string, string>> = {}): void => {
    const lookUp = (digest: string): string | undefined => (Object.hasOwn(parts, digest) ? parts[digest] : undefined);
    expect(() => joinParts(structuredClone(line) as Json, lookUp)).toThrow(MalformedValue);
  };

  it.each(['$part', '$list', '$text', '$record'])('that are missing or misnamed are refused: %s', (tag) => {
    for (const names of [
      'a',
      ['a'],
      [1],
      1,
      null,
      true,
      {},
      [[]],
      [null],
      { $list: 'a' },
      { $list: ['a'] },
      ['__proto__'],
      ['toString'],
    ]) {
      refused({ [tag]: names });
      refused({ inside: [{ [tag]: names }] });
    }
  });

  it('of a kind other than the one that names them are refused', () => {
    for (const text of ['1', 'null', 'true', '"a"', '{}']) refused({ $list: ['a'] }, { a: text });
    for (const text of ['1', 'null', '[]', '{}']) refused({ $text: ['a'] }, { a: text });
    for (const text of ['1', 'null', '[]', '"a"']) refused({ $record: ['a'] }, { a: text });
  });

  it.each([
    ['{"$part":"a"}'],
    ['[{"$part":"a"}]'],
    ['{"x":{"$part":"a"}}'],
    ['{"$list":["a"]}'],
    ['{"$record":["a"]}'],
    ['{"$list":{"$list":["a"]}}'],
  ])('that name themselves are refused: %s', (text) => {
    for (const tag of ['$list', '$record']) refused({ [tag]: ['a'] }, { a: text });
    refused({ $part: 'a' }, { a: text });
    refused({ $list: { $list: ['a'] } }, { a: text });
  });

  const bomb = (leaf: string, node: (below: string) => string): Record<string, string> => {
    const parts: Record<string, string> = { p0: leaf };
    for (let level = 1; level <= 40; level += 1) parts[`p${level}`] = node(`p${level - 1}`);
    return parts;
  };
  const thousand = Array.from({ length: 1_000 }, () => 'p');

  it.each([
    {
      what: 'values in values',
      line: { $part: 'p40' },
      parts: bomb('1', (below) => `[${`{"$part":"${below}"},`.repeat(9)}{"$part":"${below}"}]`),
    },
    {
      what: 'lists in lists',
      line: { $list: ['p40'] },
      parts: bomb('[0]', (below) => `[${`{"$list":["${below}"]},`.repeat(9)}0]`),
    },
    { what: 'numbers', line: { $list: thousand }, parts: { p: `[${'0,'.repeat(400_000)}0]` } },
    { what: 'texts', line: { $text: thousand }, parts: { p: JSON.stringify('x'.repeat(900_000)) } },
    { what: 'records', line: { $list: thousand }, parts: { p: `[${'{},'.repeat(250_000)}0]` } },
  ])('that name each other many times are refused before they fill the memory: $what', ({ line, parts }) => {
    refused(line, parts);
  });

  it('that nest deeper than any value are refused, by the join or by the decoder', () => {
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    expect(() => decodeValue(joinParts(JSON.parse(deep) as Json, () => undefined))).toThrow(MalformedValue);
    expect(() => decodeValue(joinParts({ $part: 'a' }, () => deep))).toThrow(MalformedValue);
    expect(() => decodeValue(JSON.parse(`${'['.repeat(15_000)}${']'.repeat(15_000)}`) as Json)).toThrow(MalformedValue);
  });
});
