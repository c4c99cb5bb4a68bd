// A divergence that comes and goes is told as what it is.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../../src/create-engine.ts';
import { graph } from '../../../../src/graph/build/builder.ts';
import { last } from '../../../../src/graph/field.ts';
import { fields } from '../../../../src/graph/state.ts';
import { exportRunTo } from '../../../../src/record/export-run.ts';
import { replay } from '../../../../src/replay/replay.ts';
import { replayText } from '../../../../src/report/divergence/replay-text.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const numbered = (next: () => number) =>
  graph('numbered', { state: fields({ number: last(0) }) })
    .node('count', () => ({ delta: { number: next() } }))
    .start('count')
    .build();

async function recorded(): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(
    numbered(() => 1),
    { store },
  );
  await engine.run({}, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const counter = (from: number): (() => number) => {
  let number = from;
  return () => {
    number += 1;
    return number - 1;
  };
};

it('looks at a divergence twice', async () => {
  const path = await recorded();
  const { report } = await replay(
    numbered(() => 2),
    path,
  );
  expect(report).toMatchObject({ verdict: 'diverged', looks: { count: 2, modules: 'shared' } });
  expect(
    (
      await replay(
        numbered(() => 1),
        path,
      )
    ).report.looks,
  ).toBeUndefined();
});

it('is not deterministic where two replays differ', async () => {
  const path = await recorded();
  const { report } = await replay(numbered(counter(2)), path);
  expect(report).toMatchObject({
    verdict: 'not deterministic',
    looks: { count: 2, differs: { at: '1.0#1', node: 'count', path: 'delta.number', values: [2, 3] } },
  });
  expect(replayText(report).replaceAll(/\s+/g, ' ')).toContain('replays of the same code came out differently');
  expect(replayText(report)).toContain('look for a variable of a module');
});

it('replays as often as it is told, and finds what is the same only at first', async () => {
  const path = await recorded();
  const flaky = counter(0);
  const graphOf = () => numbered(() => Math.max(1, flaky() - 1));
  const { report } = await replay(graphOf, path, { repeat: 5 });
  expect(report).toMatchObject({ verdict: 'not deterministic', looks: { count: 4, modules: 'fresh' } });
  expect(report.looks?.differs?.values).toEqual(['as recorded', 'output at 1.0#1 delta.number']);
  expect((await replay(() => numbered(counter(1)), path, { repeat: 3 })).report).toMatchObject({
    verdict: 'same',
    looks: { count: 3, modules: 'fresh' },
  });
});
