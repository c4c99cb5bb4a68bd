// The report for each kind of divergence, from two real runs of a graph that was changed in one place.
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../../src/diff/index.ts';
import type { DivergenceKind } from '../../../src/diff/index.ts';
import { comparisonText, terminalPalette } from '../../../src/report/index.ts';
import { runOf } from './desk.ts';
import type { Version } from './desk.ts';

interface Case {
  readonly name: string;
  readonly kind: DivergenceKind;
  readonly at: string;
  readonly now: Version;
  readonly before?: Version;
  readonly question?: string;
}

const cases: readonly Case[] = [
  {
    name: 'request',
    kind: 'request',
    at: '2.0#1',
    now: { prompt: 'Say in one short sentence what is known of the topic. Name every source, and do not guess.' },
  },
  { name: 'missing-effect', kind: 'missing effect', at: '2.0#1', now: { asksTwice: true } },
  { name: 'unused-effect', kind: 'unused effect', at: '2.0#1', now: { asksNothing: true } },
  {
    name: 'answer',
    kind: 'answer',
    at: '2.1#1',
    now: { answer: ({ topic }) => (topic === 'ants' ? 'ants are not known' : `all about ${topic}`) },
  },
  { name: 'output', kind: 'output', at: '2.0#1', now: { score: 7 } },
  { name: 'route', kind: 'route', at: '1.0#1', now: { topics: ['bees', 'wasps', 'ants'] } },
  { name: 'event', kind: 'event', at: '1.0#1', now: { reported: 'model' } },
  { name: 'error', kind: 'error', at: '2.1#1', now: { researchFails: 'ants' } },
  { name: 'error-gone', kind: 'error', at: '2.0#1', now: {}, before: { researchFails: 'bees' } },
  { name: 'conflict', kind: 'conflict', at: '2', now: { lastWins: false } },
  { name: 'state', kind: 'state', at: '2', now: { weigh: (state, delta) => state + 2 * delta } },
  { name: 'frontier', kind: 'frontier', at: '3', now: { enough: 10 } },
  { name: 'graph', kind: 'frontier', at: '3', now: { reviewsAlways: true } },
  { name: 'input', kind: 'output', at: '0', now: {}, question: 'What swims?' },
  {
    name: 'long-text',
    kind: 'answer',
    at: '2.0#1',
    before: { answer: ({ topic }) => lines(topic, 'six legs') },
    now: { answer: ({ topic }) => lines(topic, 'eight legs') },
  },
  {
    name: 'hostile-text',
    kind: 'answer',
    at: '2.0#1',
    now: { answer: () => '\u001b[2J\u001b]0;owned\u0007 \u202egnp.exe \u0000' },
  },
];

function lines(topic: string, legs: string): string {
  const head = Array.from({ length: 20 }, (_unused, index) => `${index}: a line about ${topic}`);
  return [...head, `${topic} have ${legs}`, ...head].join('\n');
}

describe('the text of two runs that diverge', () => {
  it.each(cases)('$name', async ({ name, kind, at, now, before = {}, question }) => {
    const recorded = await runOf(before);
    const comparison = await compareRuns(recorded, await runOf(now, question));
    const first = comparison.divergences.find((found) => found.kind !== 'graph');
    expect({ kind: first?.kind, at: first?.at, follows: first?.follows }).toEqual({ kind, at, follows: undefined });
    const names = { recorded: 'desk-1', replayed: 'desk-2', reproduce: 'npx reprise diff desk-1 desk-2' };
    const text = comparisonText(comparison, names);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(text.split('\n').length).toBeLessThanOrEqual(50);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may reach a terminal
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    const coloured = comparisonText(comparison, names, terminalPalette);
    expect(coloured).not.toBe(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the palette's own codes
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(text);
    await expect(text).toMatchFileSnapshot(`${name}.txt`);
  });

  it('is one line if the runs are the same', async () => {
    const comparison = await compareRuns(await runOf({}), await runOf({}));
    const names = { recorded: 'desk-1', replayed: 'desk-2', reproduce: '' };
    expect(comparisonText(comparison, names)).toBe(
      'desk-1 and desk-2 are the same (3 steps, 4 tasks, 2 effects, 1 event)\n',
    );
  });
});
