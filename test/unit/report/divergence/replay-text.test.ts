import { expect, it } from 'vitest';
import type { ReplayFacts } from '../../../../src/report/divergence/replay-text.ts';
import { replayText } from '../../../../src/report/divergence/replay-text.ts';

const same: ReplayFacts = {
  fixture: 'fixtures/desk.run.jsonl',
  graph: 'desk',
  mode: 'effects',
  strictness: 'strict',
  verdict: 'same',
  divergences: [],
  roots: [],
  compared: { steps: 1, tasks: 1, attempts: 1, effects: 1, events: 0, chunks: 0 },
  networkCalls: 0,
};
const textOf = (facts: Partial<ReplayFacts>): string => replayText({ ...same, ...facts }).replaceAll(/\s+/g, ' ');

it('names the first read that was not recorded, and says whether it matters', () => {
  expect(textOf({ unrecordedReads: 1, unrecordedRead: 'Date.now in 1.0#1' })).toContain(
    '1 read of a clock or of random values not recorded (Date.now in 1.0#1); with values made up in their place, the same in each replay, the run came out as recorded',
  );
  const diverged = textOf({ verdict: 'diverged', unrecordedReads: 5, unrecordedRead: 'Math.random in 2.0#1' });
  expect(diverged).toContain('5 reads of a clock or of random values not recorded (first Math.random in 2.0#1)');
  expect(diverged).not.toContain('made up');
});

it('names the first thing that came out of its order, and says whether it matters', () => {
  const facts = { outOfOrder: 2, firstOutOfOrder: 'the answer to 1.0#1:http:http' };
  expect(textOf(facts)).toContain(
    '2 things happened out of the recorded order (first the answer to 1.0#1:http:http); nothing that was compared depends on it',
  );
});

it('says how many requests began too late to be compared, in lines of the usual length', () => {
  const lines = (late: number): readonly string[] =>
    replayText({ ...same, late })
      .split('\n')
      .slice(1, -1);
  expect(lines(0)).toEqual([]);
  expect(lines(1)[0]).toMatch(/^1 request not compared: it began after its task had ended/);
  expect(lines(2)[0]).toMatch(/^2 requests not compared: each began after its task had ended/);
  expect(lines(2)[1]).toMatch(/^ {2}\S/);
});
