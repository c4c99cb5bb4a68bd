import { expect, it } from 'vitest';
import type { FixtureChange, UpdatedFixture } from '../../../../src/report/update/update-facts.ts';
import { updateSummary } from '../../../../src/report/update/update-summary.ts';
import { updateSummaryText, updateText } from '../../../../src/report/update/update-text.ts';

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

const state: FixtureChange = { ...scored(1), kind: 'state', about: 'state.score', follows: true };

it('sums up many fixtures by kind, the change in most of them first', () => {
  const updates = Array.from({ length: 50 }, (_one, place): UpdatedFixture => {
    const fixture = `fixtures/${place}.run.jsonl`;
    if (place >= 48) return { fixture, verdict: place === 48 ? 'unchanged' : 'refused', changes: [] };
    const more = place === 0 ? [dropped, dropped, scored(2)] : place === 1 ? [scored(3)] : [];
    return {
      fixture,
      verdict: 'updated',
      changes: [...more, field, { ...scored(place), follows: true }, ...(place < 2 ? [state] : [])],
    };
  });
  const summary = updateSummary(updates);
  expect(summary).toMatchObject({ updated: 48, unchanged: 1, refused: 1 });
  expect(updateSummaryText(summary)).toBe(
    [
      '50 fixtures: 48 updated, 1 unchanged, 1 left as it was',
      '  48: new field `priority` = "normal"',
      '  2: "judge" delta.score differs',
      '  1, 2 times: effect dropped: POST /v1/messages (fixtures/0.run.jsonl)',
      '  may follow from these, or be changes of their own:',
      '  48: "judge" delta.score differs',
      '  2 changes of states and tasks that follow from these',
      '',
    ].join('\n'),
  );
});

it('shows what differs in texts that begin alike', () => {
  const text = (end: string): string =>
    `Answer to report on T-608717: the light is ${end}, and nobody has an idea why that is so`;
  const sides = { recorded: text('green'), replayed: text('red') };
  const change: FixtureChange = { kind: 'output', about: '"report" delta.report', at: '1.0#1', ...sides };
  const summary = updateSummary([{ fixture: 'one', verdict: 'updated', changes: [change] }]);
  expect(updateSummaryText(summary)).toBe(
    '1 fixture: 1 updated\n' +
      '  1: "report" delta.report "…he light is green, and nobody has an … → "…he light is red, and nobody\n' +
      '    has an id… (one)\n',
  );
});

it('shows what a live update would perform', () => {
  const missing = [1, 2, 3, 4].map((cents) => ({ about: 'effect "pay"', request: { cents } }));
  expect(updateText({ fixture: 'one', verdict: 'refused', why: 'not recorded', missing, changes: [] })).toBe(
    'one: not updated: not recorded:\n' +
      '  effect "pay": {"cents":1}\n  effect "pay": {"cents":2}\n  effect "pay": {"cents":3}\n  and 1 more\n',
  );
});
