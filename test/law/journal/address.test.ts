import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressText,
  addressesOf,
  findEffect,
  formatAddress,
  fullAddressText,
  matchesAddress,
  parseAddress,
} from '../../../src/journal/address.ts';
import type { EffectAddress, PlacedEffect } from '../../../src/journal/address.ts';
import { effectIdentity } from '../../../src/journal/effect-identity.ts';
import { effectTypes } from '../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../src/journal/key.ts';
import { smallValues } from '../../support/values.ts';

const attempts = fc
  .constantFrom('1.0#1', '2.0#1', '2.0#2', '2.1#1', '3.0#1/2.1#1', '2.0#1!0', '3.0#1/2.1#1!2')
  .map((key) => key as AttemptKey);
const types = fc.constantFrom(...effectTypes);
/** Includes lone surrogates, control characters, and every character that the grammar itself uses. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('a', '1', ':', '~', '@', '#', '>', '!', '/', '"', '\\', '\n', ' ', '\u202e') }),
);
const names = fc.oneof(fc.constantFrom('charge', 'http', ''), anyText);
const labels = fc.option(fc.oneof(fc.constantFrom('', 'a'), anyText), { nil: undefined });
/** The digests of two of them share their first seven digits. */
const paths = fc.option(
  fc.oneof(
    fc.constantFrom('left#0', 'left#0/search[src%2Fa]'),
    anyText.filter((text) => text !== ''),
  ),
  { nil: undefined },
);
const requests = fc.oneof(fc.constantFrom(1, 2, 16_095, 23_815), smallValues);

const addresses: fc.Arbitrary<EffectAddress> = fc
  .record({
    at: attempts,
    task: paths,
    type: types,
    name: names,
    digest: fc.option(fc.stringMatching(/^[0-9a-f]{7,64}$/), { nil: undefined }),
    label: labels,
    occurrence: fc.nat({ max: 999_999_999 }),
  })
  .map(({ task, digest, label, ...rest }) => ({
    ...rest,
    ...(task === undefined ? {} : { task }),
    ...(digest === undefined ? {} : { digest }),
    ...(label === undefined ? {} : { label }),
  }));

/** The effects of some attempts, in call order. */
const effectLists: fc.Arbitrary<readonly PlacedEffect[]> = fc
  .array(
    fc.record({
      at: fc.constantFrom('2.0#1' as AttemptKey, '2.0#2' as AttemptKey),
      type: fc.constantFrom('call' as const, 'http' as const),
      task: fc.constantFrom(undefined, 'left#0', 'right#0'),
      name: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('a', 'b') }, { weight: 1, arbitrary: anyText }),
      request: requests,
      label: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(undefined, 'x') }, { weight: 1, arbitrary: labels }),
    }),
    { maxLength: 12 },
  )
  .map((shapes) => {
    const counts = new Map<string, number>();
    return shapes.map(({ task, label, ...rest }) => {
      const ref = { ...rest, ...(task === undefined ? {} : { task }), ...(label === undefined ? {} : { label }) };
      const identity = `${ref.at} ${effectIdentity(ref)}`;
      const occurrence = counts.get(identity) ?? 0;
      counts.set(identity, occurrence + 1);
      return { ...ref, occurrence };
    });
  });

/** The address of each effect among the effects of its attempt. */
function addressesIn(effects: readonly PlacedEffect[]): ReadonlyMap<PlacedEffect, EffectAddress> {
  const byAttempt = Map.groupBy(effects, ({ at }) => at);
  return new Map([...byAttempt].flatMap(([at, ofAttempt]) => [...addressesOf(at, ofAttempt)]));
}

describe('laws of addresses', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const text = formatAddress(address);
        expect(parseAddress(text)).toEqual(address);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may reach a terminal
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('parse any text without an error, and write what they parsed the same way', () => {
    const pieces = fc.constantFrom(
      '2.0#1',
      '>',
      'left#0',
      ':',
      'call',
      'charge',
      '~d549d30',
      '@',
      '"a b"',
      '"',
      '\\',
      '1',
      '/',
      '#',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const address = parseAddress(text);
          if (address !== undefined) expect(parseAddress(formatAddress(address))).toEqual(address);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('are distinct, and each finds its own effect (A1)', () => {
    fc.assert(
      fc.property(effectLists, (effects) => {
        const found = addressesIn(effects);
        expect(found.size).toBe(effects.length);
        expect(new Set([...found.values()].map(formatAddress)).size).toBe(effects.length);
        for (const [effect, address] of found) {
          expect(findEffect(address, effects)).toEqual({ kind: 'found', effect });
          expect(effects.filter((other) => matchesAddress(address, other))).toEqual([effect]);
          expect(
            addressText(
              effect.at,
              effect,
              effects.filter(({ at }) => at === effect.at),
            ),
          ).toBe(formatAddress(address));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('name the same effect or become ambiguous when effects are added, in any place (A2)', () => {
    fc.assert(
      fc.property(effectLists, fc.func(fc.boolean()), (effects, isThereBefore) => {
        // Equal effects are counted in call order, so the later ones count as added.
        const before = effects.filter((effect) => isThereBefore(effect.at, effectIdentity(effect)));
        for (const [effect, address] of addressesIn(before)) {
          const result = findEffect(address, effects);
          if (result.kind === 'found') expect(result.effect).toBe(effect);
          else {
            expect(result.kind).toBe('ambiguous');
            const candidates = result.kind === 'ambiguous' ? result.candidates : [];
            const named = candidates.map((candidate) => findEffect(candidate, effects));
            expect(candidates.length).toBeGreaterThan(1);
            expect(named.every(({ kind }) => kind === 'found')).toBe(true);
            expect(named).toContainEqual({ kind: 'found', effect });
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never become ambiguous with a digest, unless seven digits are too few', () => {
    fc.assert(
      fc.property(effectLists, (effects) => {
        for (const effect of effects) {
          const address = parseAddress(fullAddressText(effect.at, effect)) as EffectAddress;
          const result = findEffect(address, effects);
          if (result.kind === 'found') expect(result.effect).toBe(effect);
          else expect([16_095, 23_815]).toContain(effect.request);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('do not depend on the order of effects', () => {
    fc.assert(
      fc.property(effectLists, (effects) => {
        const reversed = addressesIn([...effects].reverse());
        for (const [effect, address] of addressesIn(effects)) expect(reversed.get(effect)).toEqual(address);
      }),
    );
  });
});
