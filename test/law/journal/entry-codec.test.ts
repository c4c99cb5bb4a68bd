import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../../src/base/canonical-json.ts';
import { MalformedValue } from '../../../src/base/encode.ts';
import type { Json } from '../../../src/base/encode.ts';
import { sameValue } from '../../../src/base/equal.ts';
import { isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { decodeEntry, encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import { entries } from '../../support/entries.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  outcomeEntry,
  runEntry,
  smallJournal,
} from '../../support/journals.ts';

type Fields = Record<string, Json>;

describe('an entry', () => {
  it('is read as written, deeply frozen', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const text = JSON.stringify(encodeEntry(entry));
        const decoded = decodeEntry(JSON.parse(text) as Json);
        expect(sameValue(decoded as unknown as Value, entry as unknown as Value)).toBe(true);
        expect(isCanonical(decoded)).toBe(true);
        expect(canonicalText(encodeEntry(decoded))).toBe(canonicalText(JSON.parse(text) as Json));
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing to a key called __proto__', () => {
    const entry = eventEntry('1.0#1', { data: JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Value });
    const decoded = decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))) as Json);
    expect(JSON.stringify(decoded.kind === 'event' && decoded.data)).toBe('{"__proto__":{"a":1},"constructor":2}');
  });
});

/** A value of a type that no field has, and one that breaks code that turns it into text. */
const wrongValues: readonly Json[] = [
  null,
  true,
  1.5,
  'no such thing',
  [],
  [null],
  {},
  { toString: 1, valueOf: 1 },
  { $undefined: true },
  { $bytes: 'AA==' },
];

const repeated = {
  kind: 'api-key',
  in: ['answer', 'headers', 0, 1],
  start: 3,
  length: 12,
  encoded: { as: 'json', start: 1, length: 20 },
} as const;

function withRepeats(repeats: Json): Json {
  const entry = encodeEntry(effectEntry('1.0#1')) as Fields;
  return { ...entry, observed: { began: 1, ended: 2, answer: { headers: [], repeats } } };
}

describe('a damaged entry', () => {
  const samples = [
    runEntry('run-1'),
    effectEntry('1.0#1', { once: true, label: 'a', observed: { began: 1, ended: 2, parts: [1] } }),
    eventEntry('1.0#1'),
    outcomeEntry('1.0#1', { result: { status: 'done', routes: [{ kind: 'send', node: 'a', input: 1 }] } }),
    outcomeEntry('1.0#1', { result: { status: 'failed', error: new Error('x') } }),
    commitEntry('1', {
      frontier: [{ node: 'ask' }],
      joins: { 0: { ask: 1 } },
      patch: { kind: 'record', changed: { a: { kind: 'append', items: [1] } }, removed: ['b'] },
    }),
    endEntry({ end: { status: 'failed', error: new Error('x') } }),
    effectEntry('1.0#1', { observed: { began: 1, ended: 2, answer: { headers: [], repeats: [repeated] } } }),
  ].map((entry) => encodeEntry(entry) as Fields);

  it('is either read or refused as malformed', () => {
    const readOrRefused = (json: Json): void => {
      try {
        decodeEntry(json);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(MalformedValue);
      }
    };
    for (const sample of samples) {
      for (const path of paths(sample)) for (const wrong of wrongValues) readOrRefused(replaced(sample, path, wrong));
    }
    fc.assert(fc.property(fc.jsonValue(), (json) => readOrRefused(json as Json)));
  });

  it('is refused if a required property is missing', () => {
    const needed = [
      'kind',
      'at',
      'type',
      'name',
      'request',
      'occurrence',
      'outcome',
      'observed',
      'stream',
      'ordinal',
      'data',
      'node',
      'result',
      'frontier',
      'step',
      'end',
      'graph',
      'fingerprint',
      'semantics',
      'seed',
    ];
    for (const sample of samples) {
      for (const name of needed.filter((key) => Object.hasOwn(sample, key))) {
        const { [name]: _gone, ...rest } = sample;
        expect(() => decodeEntry(rest), `${String(sample.kind)} without ${name}`).toThrow(MalformedValue);
      }
    }
  });

  it.each([
    ['a kind that is none', { ...samples[2], kind: '__proto__' }],
    ['a kind of this language', { ...samples[2], kind: 'constructor' }],
    ['an effect of a commit', { ...samples[1], at: '1' }],
    ['a commit of an attempt', { ...samples[5], at: '1.0#1' }],
    ['a key of another shape', { ...samples[2], at: '1.0#1 ' }],
    ['a key that never ends', { ...samples[2], at: `${'1.0#1/'.repeat(2_000)}1.0#1` }],
    ['an end at a key', { ...samples[6], at: '1' }],
    ['a negative count', { ...samples[2], ordinal: -1 }],
    ['a count beyond all', { ...samples[2], ordinal: 1e300 }],
    ['a place of an unknown kind', withRepeats([{ ...repeated, kind: 'address' }])],
    ['a place nowhere', withRepeats([{ ...repeated, in: [] }])],
    ['a way that is too long', withRepeats([{ ...repeated, in: Array.from({ length: 40 }, () => 'value') }])],
    ['a way with a step that is none', withRepeats([{ ...repeated, in: ['answer', -1] }])],
    ['a place before its text', withRepeats([{ ...repeated, start: -1 }])],
    ['a credential that is a short word', withRepeats([{ ...repeated, length: 3 }])],
    [
      'a credential in an unknown encoding',
      withRepeats([{ ...repeated, encoded: { ...repeated.encoded, as: 'zip' } }]),
    ],
    ['more places than an answer has', withRepeats(Array.from({ length: 65 }, () => repeated))],
    ['a time that is none', { ...samples[2], observed: { time: { $number: 'NaN' } } }],
  ] as readonly (readonly [string, Json])[])('is refused: %s', (_name, json) => {
    expect(() => decodeEntry(json)).toThrow(MalformedValue);
  });

  it('may come from a run that was cancelled before it began', () => {
    expect(decodeEntry(encodeEntry(endEntry({ step: -1 })))).toMatchObject({ step: -1 });
  });

  it('is not among the entries of a whole journal', () => {
    for (const entry of smallJournal()) expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });
});

function paths(json: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof json !== 'object' || json === null) return [path];
  return [path, ...Object.entries(json).flatMap(([key, item]) => paths(item as Json, [...path, key]))];
}

function replaced(json: Json, [key, ...rest]: readonly string[], by: Json): Json {
  if (key === undefined) return by;
  const copy = structuredClone(json) as Fields;
  copy[key] = replaced(copy[key] as Json, rest, by);
  return copy;
}
