// A value as code, evaluated, is the value again.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameValue } from '../../../../src/base/equal.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { valueCode } from '../../../../src/report/text/value-code.ts';
import { values } from '../../../support/values.ts';

const evaluated = (code: string): Value => canonicalValue(new Function(`return (${code});`)(), 'value');

it('is the same value when it is evaluated', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect({ code: valueCode(value), same: sameValue(evaluated(valueCode(value)), value) }).toMatchObject({
        same: true,
      });
    }),
    { numRuns: 500 },
  );
});

it('reads well, and hides no difference', () => {
  expect(valueCode(canonicalValue({ a: [1, 'é'], 'b-c': null, ['__proto__']: 0 }, 'value'))).toBe(
    "{ ['__proto__']: 0, a: [1, '\\u00e9'], 'b-c': null }",
  );
  expect(valueCode('x'.repeat(2_000))).toBe("'x'.repeat(2000)");
  expect(valueCode('it\'s "it"')).toBe("'it\\'s \"it\"'");
});
