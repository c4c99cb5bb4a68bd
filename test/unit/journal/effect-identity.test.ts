import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import { compareEffects, effectIdentity } from '../../../src/journal/effect-identity.ts';
import type { EffectRef } from '../../../src/journal/entry.ts';

const effect = (changes: Partial<EffectRef> = {}): EffectRef => ({
  type: 'call',
  name: 'search',
  request: canonicalValue({ a: 1, b: [2] }, 'a request'),
  occurrence: 0,
  ...changes,
});

describe('effectIdentity', () => {
  it('is the same for what was asked the same, whatever the order of its keys', () => {
    expect(effectIdentity(effect({ request: canonicalValue({ b: [2], a: 1 }, 'a request') }))).toBe(
      effectIdentity(effect()),
    );
    expect(effectIdentity(effect({ occurrence: 3 }))).toBe(effectIdentity(effect()));
  });

  it.each<[string, Partial<EffectRef>]>([
    ['type', { type: 'http' }],
    ['name', { name: 'other' }],
    ['request', { request: canonicalValue({ a: 1, b: [3] }, 'a request') }],
    ['request that is a string', { request: 'a' }],
    ['label', { label: 'x' }],
    ['empty label', { label: '' }],
  ])('differs by %s', (_what, changes) => {
    expect(effectIdentity(effect(changes))).not.toBe(effectIdentity(effect()));
  });
});

describe('compareEffects', () => {
  it('is a total order: by type, name, request, label and occurrence', () => {
    const effects = [
      effect(),
      effect({ occurrence: 1 }),
      effect({ label: '' }),
      effect({ label: 'a' }),
      effect({ label: 'b' }),
      effect({ name: 'zoom', occurrence: 0 }),
      effect({ type: 'http' }),
    ];
    const sorted = [...effects].reverse().sort(compareEffects);
    expect(sorted).toEqual(effects);
    for (const [left, first] of effects.entries()) {
      for (const [right, second] of effects.entries())
        expect(Math.sign(compareEffects(first, second))).toBe(Math.sign(left - right));
    }
  });
});
