import { expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { sideNames } from '../../../../src/report/divergence/side-names.ts';
import { differenceLines } from '../../../../src/report/text/difference-text.ts';

const long = `${'the service answers slowly, '.repeat(6)}error rate is 18%`;

function shown(recorded: string, replayed: string): readonly string[] {
  return differenceLines(recorded, replayed).map(({ text }) => text);
}

it('calls the two sides as it is told, in one column', () => {
  const text = (one: Value, other: Value): readonly string[] =>
    differenceLines(one, other, ['monday', 'the day after']).map((line) => line.text);
  expect(text(1, 2)).toEqual(['monday         1', 'the day after  2  (+1)']);
  expect(text('a\nb', 'a\nc')[0]).toBe('- monday  + the day after');
});

it.each([
  ['a', 'b', ['a', 'b']],
  ['fixtures/a-long-folder/a.run.jsonl', 'run-2', ['a', 'run-2']],
  ['origin/main:fixtures/desk/a.run.jsonl', 'fixtures/desk/a.run.jsonl', ['first', 'second']],
  ['0195f3a2-7c11-7d4e-8a0b-1f2e3d4c5b6a', '0195f3a2-7c11-7d4e-8a0b-1f2e3d4c5b6b', ['first', 'second']],
])('calls %s and %s %j', (one, other, names) => {
  expect(sideNames(one, other)).toEqual(names);
});

it('shows what a text ended with to which something was added', () => {
  expect(shown(long, `${long}!`)).toEqual(['recorded  "…y, error rate is 18%"', 'replayed  "…y, error rate is 18%!"']);
});

it('shows what a text began with before which something was put', () => {
  expect(shown(long, `Note: ${long}`)).toEqual([
    'recorded  "the service answers …"',
    'replayed  "Note: the service answers …"',
  ]);
});

it('shows both sides of a word that was replaced', () => {
  const [recorded, replayed] = shown(long, long.replace('error', 'failure'));
  expect(recorded).toMatch(/answers slowly, error rate is 18%"$/);
  expect(replayed).toMatch(/answers slowly, failure rate is 18%"$/);
});
