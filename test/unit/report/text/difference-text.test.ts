import { expect, it } from 'vitest';
import { differenceLines } from '../../../../src/report/text/difference-text.ts';

const long = `${'the service answers slowly, '.repeat(6)}error rate is 18%`;

function shown(recorded: string, replayed: string): readonly string[] {
  return differenceLines(recorded, replayed).map(({ text }) => text);
}

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
