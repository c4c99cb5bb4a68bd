import { compareCodeUnits } from '../base/compare.ts';
import type { Label } from '../port/store.ts';

/** Sorted by step, then by name. */
export function sortedLabels(labels: readonly Label[]): readonly Label[] {
  return [...labels].sort((left, right) => left.step - right.step || compareCodeUnits(left.label, right.label));
}
