// How laws of merges are put into words.
import type { Value } from '../../base/value.ts';
import { valueText } from '../text/value-text.ts';

export type LawWord =
  | 'unmutated'
  | 'pure'
  | 'deterministic'
  | 'total'
  | 'order-independent'
  | 'associative'
  | 'idempotent'
  | 'identity';

/** What the law asks of a merge, as the end of a sentence: it must …, it promises to …. */
const asked: Readonly<Record<LawWord, string>> = {
  unmutated: 'change nothing in place',
  pure: 'be pure',
  deterministic: 'be deterministic',
  total: 'take every delta',
  'order-independent': 'be order-independent',
  associative: 'be associative',
  idempotent: 'be idempotent',
  identity: 'be unchanged by an empty delta',
};

export function askedWords(law: LawWord): string {
  return asked[law];
}

export function sideLines(sides: readonly { readonly how: string; readonly value: Value }[]): readonly string[] {
  return sides.map(({ how, value }) => `  ${how}: ${valueText(value)}`);
}
