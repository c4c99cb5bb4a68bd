// What a comparison leaves out is counted, and nothing else is left out with it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfig } from '../../../src/config.ts';
import { createEngine } from '../../../src/create-engine.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { append, last, reduce } from '../../../src/graph/field.ts';
import { input } from '../../../src/graph/input.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { replayText } from '../../../src/report/divergence/replay-text.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

const scored = (score: number, at: number, text = 'a') =>
  graph('scored', {
    state: fields({
      score: last(0),
      total: reduce((sum: number, by: number) => sum + by, 0),
      marks: append<{ readonly at: number; readonly text: string }>(),
    }),
    inputs: { mark: input<{ readonly at: number }>() },
  })
    .node('score', (_state, { send, emit }) => {
      emit('scored', { at });
      return { delta: { score, total: at }, route: [send('mark', { at })] };
    })
    .node('mark', () => ({ delta: { marks: [{ at, text }] } }))
    .start('score')
    .build();

async function recorded(): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(scored(0.5, 1), { store });
  await engine.run({}, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const compare = {
  ignore: [
    { path: 'state.marks[].at', why: 'wall clock' },
    { path: 'state.total', why: 'sum of clocks' },
    { path: 'event.at', why: 'wall clock' },
    { path: 'input.*', why: 'wall clock' },
  ],
  tolerance: [{ path: 'state.score', within: 0.01 }],
};

it('leaves out ignored paths and small differences, and counts them', async () => {
  const path = await recorded();
  expect((await replay(scored(0.505, 2), path)).report.verdict).toBe('diverged');
  const { report } = await replay(scored(0.505, 2), path, { compare });
  expect(report).toMatchObject({ verdict: 'same', leftOut: { tolerated: 1, ofOtherKinds: 0 } });
  expect(report.leftOut?.ignored.map(({ path: left }) => left)).toEqual([
    'state.marks[].at',
    'state.total',
    'event.at',
    'input.*',
  ]);
  expect(replayText(report)).toContain('left out: state.marks[].at (wall clock, 1 time), state.total');
  expect((await replay(scored(0.505, 2), path, { compare, strictness: 'lenient' })).report.verdict).toBe('same');
});

it('leaves nothing else out', async () => {
  const path = await recorded();
  const { report } = await replay(scored(0.52, 2, 'b'), path, { compare, strictness: 'lenient' });
  const outputs = report.divergences.filter(({ kind }) => kind === 'output').map((found) => found.path);
  expect(outputs).toEqual(['delta.score', 'delta.marks[0].text']);
});

it('compares only the kinds that are named', async () => {
  const path = await recorded();
  const { report } = await replay(scored(0.5, 2), path, { compare: { kinds: ['request', 'error'] } });
  expect(report.verdict).toBe('same');
  expect(report.leftOut?.ofOtherKinds).toBeGreaterThan(2);
});

it('lets an update leave alone what is not compared', async () => {
  const path = await recorded();
  const before = readFileSync(path);
  expect(await updateFixture(scored(0.505, 2), path, { compare })).toMatchObject({ verdict: 'unchanged' });
  expect(readFileSync(path)).toEqual(before);
});

it('is checked key by key in the config', () => {
  expect(checkConfig({ compare }, 'reprise.config.ts')).toEqual({ compare });
  for (const [wrong, key] of [
    [{ ignore: [{ path: 'state.at' }] }, /compare\.ignore\[0\]\.why/],
    [{ ignore: [{ path: 'at', why: 'x' }] }, /compare\.ignore\[0\]\.path/],
    [{ kinds: ['outputs'] }, /compare\.kinds/],
    [{ ignored: [] }, /compare\.ignored/],
    [{ tolerance: [{ path: 'state.a', within: -1 }] }, /compare\.tolerance\[0\]\.within/],
  ] as const)
    expect(() => checkConfig({ compare: wrong }, 'reprise.config.ts')).toThrow(key);
});

const counting = (merge: (before: Counts, next: Counts) => Counts) =>
  graph('counting', { state: fields({ flags: reduce(merge, {} as Counts), text: last('') }) })
    .node('one', () => ({ delta: { flags: { calls: 2 }, text: 'one' } }))
    .node('two', () => ({ delta: { flags: { calls: 1, more: 1 }, text: 'two' } }))
    .edge('one', 'two')
    .start('one')
    .build();
type Counts = Readonly<Record<string, number>>;
const merging =
  (by: (before: number, next: number) => number) =>
  (before: Counts, next: Counts): Counts => {
    const merged: Record<string, number> = { ...before };
    for (const [key, value] of Object.entries(next)) merged[key] = by(merged[key] ?? 0, value);
    return merged;
  };
const adding = counting(merging((before, next) => before + next));
const keeping = counting(merging((before, next) => Math.max(before, next)));

it.each(['strict', 'lenient'] as const)('leaves out a field in every step (%s)', async (strictness) => {
  const path = await recordedOf(adding as unknown as AnyGraph);
  for (const ignored of ['state.flags', 'state.flags.*', 'state.flags.calls']) {
    const settings = { ignore: [{ path: ignored, why: 'counters' }] };
    expect((await replay(keeping, path, { strictness })).report.verdict).toBe('diverged');
    expect((await replay(keeping, path, { strictness, compare: settings })).report.verdict).toBe('same');
  }
});

async function recordedOf(built: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  await engine.run({} as never, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const replying = (notes: string) =>
  graph('replying', { state: fields({ notes: last(''), answer: last('') }) })
    .node('classify', () => ({ delta: { notes } }))
    .node('reply', async (state, { effect }) => ({
      delta: { answer: await effect('model', { prompt: `Answer to ${state.notes}` }, () => 'done') },
    }))
    .edge('classify', 'reply')
    .start('classify')
    .build();

it('says that what differs may follow from what was left out', async () => {
  const path = await recordedOf(replying('category billing') as unknown as AnyGraph);
  const ignore = [{ path: 'state.notes', why: 'words' }];
  const { report } = await replay(replying('kind billing'), path, { compare: { ignore } });
  const text = replayText(report).replace(/\s+/g, ' ');
  expect(text).toContain('the same but for what is left out (state.notes), so the cause is that, its code, or');
  expect(report.roots).toMatchObject([{ class: 'request changed', mayBe: ['uncontrolled input', 'input changed'] }]);
  const states = await replay(replying('kind billing'), path, { compare: { kinds: ['state'] } });
  expect(replayText(states.report).replace(/\s+/g, ' ')).toContain(
    'but for what is left out (output 1.0#1 delta.notes), so the cause is that, a reducer, or',
  );
});
