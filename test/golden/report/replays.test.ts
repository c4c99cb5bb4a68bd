// The report of a replay: fixtures of real runs, replayed with the graph changed in one place.
import { createEngine, memoryStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import type { ReplayOptions } from 'reprise/replay';
import { replayText } from 'reprise/report';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { desk } from './desk.ts';
import type { Version } from './desk.ts';

interface Case {
  readonly name: string;
  readonly before?: Version;
  readonly now: Version;
  readonly options?: ReplayOptions;
  readonly first: { readonly kind: string; readonly at: string } | undefined;
}

const cases: readonly Case[] = [
  { name: 'replay-same', now: {}, first: undefined },
  { name: 'replay-failed-same', before: { researchFails: 'ants' }, now: { researchFails: 'ants' }, first: undefined },
  { name: 'replay-output', now: { score: 7 }, first: { kind: 'output', at: '2.0#1' } },
  {
    name: 'replay-lenient',
    now: { score: 7, enough: 10, asksTwice: true },
    options: { strictness: 'lenient' },
    first: { kind: 'missing effect', at: '2.0#1' },
  },
  { name: 'replay-conflict', now: { lastWins: false }, first: { kind: 'conflict', at: '2' } },
  { name: 'replay-conflict-gone', before: { lastWins: false }, now: {}, first: { kind: 'conflict', at: '2' } },
  { name: 'replay-failure-gone', before: { researchFails: 'bees' }, now: {}, first: { kind: 'error', at: '2.0' } },
  {
    name: 'replay-outputs-mode',
    now: { weigh: (state, delta) => state + 2 * delta },
    options: { mode: 'outputs' },
    first: { kind: 'state', at: '2' },
  },
];

async function record(version: Version): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(desk(version), { store });
  await engine.run({ question: 'What flies?' }, { runId: 'desk-1', seed: 'seed' });
  return await exportRunTo(store, 'desk-1', `${temporaryFolder()}/desk-1.run.jsonl`);
}

describe('the text of a replay', () => {
  it.each(cases)('$name', async ({ name, before = {}, now, options = {}, first }) => {
    const { report } = await replay(desk(now), await record(before), options);
    const found = report.divergences.find(({ kind }) => kind !== 'graph');
    expect(found === undefined ? undefined : { kind: found.kind, at: found.at }).toEqual(first);
    expect(report.verdict).toBe(first === undefined ? 'same' : 'diverged');
    const text = replayText({ ...report, fixture: 'desk-1.run.jsonl' }, 'npx reprise replay desk-1.run.jsonl');
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    await expect(text).toMatchFileSnapshot(`${name}.txt`);
  });
});
