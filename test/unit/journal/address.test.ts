import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import {
  addressLengthMax,
  addressText,
  addressesOf,
  findEffect,
  formatAddress,
  fullAddressText,
  matchesAddress,
  parseAddress,
} from '../../../src/journal/address.ts';
import type { EffectAddress, PlacedEffect } from '../../../src/journal/address.ts';
import type { AttemptKey } from '../../../src/journal/key.ts';

const at = '2.0#1' as AttemptKey;

const address = (fields: Partial<EffectAddress> = {}): EffectAddress => ({
  at,
  type: 'call',
  name: 'charge',
  occurrence: 0,
  ...fields,
});

const effect = (fields: Partial<PlacedEffect> = {}): PlacedEffect => ({
  at,
  type: 'call',
  name: 'charge',
  request: canonicalValue({ euros: 5 }, 'a request'),
  occurrence: 0,
  ...fields,
});

const textsOf = (effects: readonly PlacedEffect[]): readonly string[] =>
  [...addressesOf(at, effects).values()].map(formatAddress);

describe('the text of an address', () => {
  it.each<[string, Partial<EffectAddress>]>([
    ['2.0#1:call:charge', {}],
    ['2.0#1:call:charge:1', { occurrence: 1 }],
    ['2.0#1:call:charge~d549d30:1', { digest: 'd549d30', occurrence: 1 }],
    [
      '2.1#1:http:http~cdd5f71:1',
      { at: '2.1#1' as AttemptKey, type: 'http', name: 'http', digest: 'cdd5f71', occurrence: 1 },
    ],
    ['2.0#1:call:charge~d549d30@card:12', { digest: 'd549d30', label: 'card', occurrence: 12 }],
    ['3.0#2/2.1#1:ask:approve', { at: '3.0#2/2.1#1' as AttemptKey, type: 'ask', name: 'approve' }],
    ['2.0#1:call:look-up.v_2', { name: 'look-up.v_2' }],
    // Nothing is a name like any other: `now` and `sleep` need none.
    ['2.0#1:now:', { type: 'now', name: '' }],
    ['2.0#1:now::1', { type: 'now', name: '', occurrence: 1 }],
    ['2.0#1:call:charge@', { label: '' }],
    ['2.0#1:call:1:1', { name: '1', occurrence: 1 }],
    ['2.0#1:call:"a:1"', { name: 'a:1' }],
    ['2.0#1:call:"say \\"hi\\" ~d549d30@x"@"a b":3', { name: 'say "hi" ~d549d30@x', label: 'a b', occurrence: 3 }],
    ['2.0#1:call:"größe"', { name: 'größe' }],
    ['2.0#1>left#0/search[src%2Fa.ts]:call:charge:1', { task: 'left#0/search[src%2Fa.ts]', occurrence: 1 }],
    ['2.0#1>"look up#0":call:charge', { task: 'look up#0' }],
    ['2.0#1:call:"\\u001b[2J\\n\\u202e\\ud800\\\\"', { name: '\u001b[2J\n\u202e\ud800\\' }],
  ])('%s', (text, fields) => {
    expect(formatAddress(address(fields))).toBe(text);
    expect(parseAddress(text)).toEqual(address(fields));
  });

  it('may have plain names in quotes', () => {
    expect(parseAddress('2.0#1:"call":charge')).toBeUndefined();
    expect(parseAddress('2.0#1:call:"charge"@"card"')).toEqual(address({ label: 'card' }));
    expect(parseAddress('2.0#1:call:"char\\u0067e"')).toEqual(address());
    expect(parseAddress('2.0#1:now:""')).toEqual(address({ type: 'now', name: '' }));
  });

  it.each([
    ['nothing', ''],
    ['a key alone', '2.0#1'],
    ['a task', '2.0:call:charge'],
    ['a step', '2:call:charge'],
    ['an invalid key', '2.0##1:call:charge'],
    ['no name', '2.0#1:call'],
    ['no such type', '2.0#1:dial:charge'],
    ['a short digest', '2.0#1:call:charge~d549d3'],
    ['a digest in capitals', '2.0#1:call:charge~D549D30'],
    ['a digest that is too long', `2.0#1:call:charge~${'0'.repeat(65)}`],
    ['an occurrence of 0', '2.0#1:call:charge:0'],
    ['an occurrence that no number holds', '2.0#1:call:charge:9999999999999999'],
    ['a label before the digest', '2.0#1:call:charge@card~d549d30'],
    ['text after it', '2.0#1:call:charge '],
    ['a line after it', '2.0#1:call:charge\n'],
    ['a name that ends too early', '2.0#1:call:"charge'],
    ['an unknown escape', '2.0#1:call:"\\x41"'],
    ['a newline in a name', '2.0#1:call:"a\nb"'],
    ['a name with a character that needs quotes', '2.0#1:call:größe'],
    ['a question', '2.0:approve~1f3c9ab'],
    ['an empty path of tasks', '2.0#1>:http:http'],
    ['an empty path of tasks in quotes', '2.0#1>"":http:http'],
    ['a path of tasks with a colon', '2.0#1>left:0:http:http'],
    ['a clean-up of an inner run', '2.0#1!0/1.0#1:call:unlock'],
    ['a clean-up without a number', '2.0#1!:call:unlock'],
  ])('is not %s', (_what, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('is read up to a length', () => {
    const longest = `2.0#1:call:${'a'.repeat(addressLengthMax - 11)}`;
    expect(parseAddress(longest)?.name).toHaveLength(addressLengthMax - 11);
    expect(parseAddress(`${longest}a`)).toBeUndefined();
    expect(parseAddress(`2.0#1:call:"${'\\\\'.repeat(8_000)}`)).toBeUndefined();
  });
});

describe('the shortest address', () => {
  const other = canonicalValue({ euros: 7 }, 'a request');

  it('has a digest only where effects of one type and name ask for different things, and then for each', () => {
    expect(textsOf([effect(), effect({ name: 'mail', request: other })])).toEqual([
      '2.0#1:call:charge',
      '2.0#1:call:mail',
    ]);
    expect(
      textsOf([effect(), effect({ occurrence: 1 }), effect({ request: other }), effect({ type: 'http' })]),
    ).toEqual([
      '2.0#1:call:charge~9049806',
      '2.0#1:call:charge~9049806:1',
      '2.0#1:call:charge~380b04b',
      '2.0#1:http:charge',
    ]);
  });

  it('has the label of an effect that was given one', () => {
    expect(textsOf([effect(), effect({ label: 'a' }), effect({ label: 'a', occurrence: 1 })])).toEqual([
      '2.0#1:call:charge',
      '2.0#1:call:charge@a',
      '2.0#1:call:charge@a:1',
    ]);
  });

  it('has more digits where seven are the same', () => {
    // Found by trying: the digests of these two numbers begin alike.
    expect(textsOf([effect({ request: 16_095 }), effect({ request: 23_815 }), effect({ request: 1 })])).toEqual([
      '2.0#1:call:charge~8e81dfd1',
      '2.0#1:call:charge~8e81dfd7',
      '2.0#1:call:charge~6b86b27',
    ]);
  });

  it('can be made for one effect, with the others or without them', () => {
    expect(addressText(at, effect(), [])).toBe('2.0#1:call:charge');
    expect(addressText(at, effect(), [effect({ request: other }), effect({ name: 'mail' })])).toBe(
      '2.0#1:call:charge~9049806',
    );
    expect(fullAddressText(at, effect({ label: 'a', occurrence: 2 }))).toBe('2.0#1:call:charge~9049806@a:2');
  });
});

describe('finding an effect', () => {
  const other = effect({ request: 7 });
  const effects = [effect(), effect({ occurrence: 1 }), effect({ label: 'a' }), effect({ at: '2.0#2' as AttemptKey })];
  const found = (text: string, among: readonly PlacedEffect[] = effects) =>
    findEffect(parseAddress(text) as EffectAddress, among);

  it('gives the one that the address names', () => {
    expect(found('2.0#1:call:charge')).toEqual({ kind: 'found', effect: effects[0] });
    expect(found('2.0#1:call:charge~9049806')).toEqual({ kind: 'found', effect: effects[0] });
    expect(found('2.0#1:call:charge:1')).toEqual({ kind: 'found', effect: effects[1] });
    expect(found('2.0#1:call:charge@a')).toEqual({ kind: 'found', effect: effects[2] });
    expect(found('2.0#2:call:charge')).toEqual({ kind: 'found', effect: effects[3] });
  });

  it('gives none where none is named', () => {
    for (const text of ['2.0#1:call:charge:2', '2.0#1:call:charge~380b04b', '2.0#1:http:charge', '2.1#1:call:charge'])
      expect(found(text)).toEqual({ kind: 'none' });
  });

  it('says what an address without a digest may mean', () => {
    const result = found('2.0#1:call:charge', [...effects, other]);
    expect(result.kind === 'ambiguous' && result.candidates.map(formatAddress)).toEqual([
      '2.0#1:call:charge~9049806',
      '2.0#1:call:charge~7902699',
    ]);
    expect(found('2.0#1:call:charge:1', [...effects, other])).toEqual({ kind: 'found', effect: effects[1] });
  });

  it('takes the beginning and the end of an effect for one', () => {
    expect(found('2.0#1:call:charge', [effect(), effect()])).toEqual({ kind: 'found', effect: effect() });
  });

  it('takes an absent label for no label', () => {
    expect(matchesAddress(address(), effect({ label: 'a' }))).toBe(false);
    expect(matchesAddress(address({ label: '' }), effect())).toBe(false);
  });
});
