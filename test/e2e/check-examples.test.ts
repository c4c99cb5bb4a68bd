// The recorded examples in other orders, as a CI job checks them.
import { expect, it } from 'vitest';
import type { ExploreReport } from '../../src/explore/index.ts';
import { reprise, root } from '../support/cli.ts';

it('finds no order that changes an example, and says how many choices each has', { timeout: 120_000 }, async () => {
  const began = Date.now();
  const { code, out } = await reprise(root, ['check', '--schedules', '60', '--json']);
  expect(code).toBe(0);
  const { reports } = JSON.parse(out) as { readonly reports: readonly ExploreReport[] };
  const choices = new Map(
    reports.map(({ fixture = '', run }) => [/[^/]+(?=-\d+\.run)/.exec(fixture)?.[0], run?.choices]),
  );
  console.log(`checked in ${((Date.now() - began) / 1000).toFixed(1)} s, choices:`, Object.fromEntries(choices));
  expect([...choices.keys()].toSorted()).toEqual(['panel', 'refund', 'research-desk', 'tool-loop', 'web-answer']);
  expect(choices.get('panel')).toBeGreaterThan(12);
  for (const { fixture, verdict, run } of reports)
    expect(verdict, fixture).toMatch(run?.choices === 0 ? /nothing to explore/ : /no difference|proved/);
});
