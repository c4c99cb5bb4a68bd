import { expect, it } from 'vitest';
import type { FixtureChange, UpdatedFixture } from '../../../src/report/update-facts.ts';
import { updateSummary } from '../../../src/report/update-summary.ts';
import { updateSummaryText } from '../../../src/report/update-text.ts';

const field: FixtureChange = {
  kind: 'graph',
  about: 'graph.state.priority was added',
  at: '',
  recorded: undefined,
  replayed: { kind: 'last', required: false, initial: 'normal' },
};
const dropped: FixtureChange = {
  kind: 'unused effect',
  about: 'POST /v1/messages',
  at: '2.0#1:http:http',
  recorded: {},
  replayed: undefined,
};
const scored = (replayed: number): FixtureChange => ({
  kind: 'output',
  about: '"judge" delta.score',
  at: '2.0#1',
  recorded: 1,
  replayed,
});

it('sums up many fixtures by kind, the change in most of them first', () => {
  const updates = Array.from({ length: 50 }, (_one, place): UpdatedFixture => {
    const fixture = `fixtures/${place}.run.jsonl`;
    if (place >= 48) return { fixture, verdict: place === 48 ? 'unchanged' : 'refused', changes: [] };
    const more = place === 0 ? [dropped, dropped, scored(2)] : place === 1 ? [scored(3)] : [];
    return { fixture, verdict: 'updated', changes: [...more, field, { ...scored(place), follows: true }] };
  });
  const summary = updateSummary(updates);
  expect(summary).toMatchObject({ updated: 48, unchanged: 1, refused: 1 });
  expect(updateSummaryText(summary)).toBe(
    [
      '50 fixtures: 48 updated, 1 unchanged, 1 left as it was',
      '  48: new field `priority` = "normal"',
      '  2: "judge" delta.score differs',
      '  1, 2 times: effect dropped: POST /v1/messages (fixtures/0.run.jsonl)',
      '  48 changes of states and tasks that follow from these',
      '',
    ].join('\n'),
  );
});
