import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../../src/create-engine.ts';
import type { AnyGraph } from '../../../../src/graph/built-graph.ts';
import { graph } from '../../../../src/graph/build/builder.ts';
import { append, last, sum, text } from '../../../../src/graph/field.ts';
import { input } from '../../../../src/graph/input.ts';
import { fields } from '../../../../src/graph/state.ts';
import { exportRunTo } from '../../../../src/record/export-run.ts';
import { replay } from '../../../../src/replay/replay.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { openFixture } from '../../../../src/store/fixture/open-fixture.ts';
import { entriesInMemory } from '../../../../src/update/shrink/entries-in-memory.ts';
import { shrinkFixture } from '../../../../src/update/shrink/shrink-fixture.ts';
import type { ShrunkFixture } from '../../../../src/update/shrink/shrink-fixture.ts';
import { sizeOf } from '../../../../src/update/shrink/size.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { thrownBy } from '../../../support/thrown.ts';

async function recorded(built: AnyGraph, given: unknown = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  const run = await engine.run(given as never, { runId: 'one', seed: 'seed' });
  return await exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'));
}

async function shrunk(before: AnyGraph, today: AnyGraph, given: unknown = {}): Promise<ShrunkFixture> {
  const path = await recorded(before, given);
  return await shrinkFixture(today, path, join(dirname(path), 'small.run.jsonl'));
}

type Judge = (topic: string) => unknown;

/** Plans, looks at each topic, sums up, and writes. */
const desk = ({
  judge = (topic) => topic.length,
  ask = (topic) => ({ topic }),
  write = (found) => `${found.length} found`,
}: {
  readonly judge?: Judge;
  readonly ask?: Judge;
  readonly write?: (found: readonly unknown[]) => string;
} = {}) =>
  graph('desk', {
    state: fields({ topics: last<readonly string[]>(), found: append<unknown>(), tokens: sum(), answer: last('') }),
    inputs: { look: input<string>() },
  })
    .node('plan', ({ topics }, { send }) => ({
      delta: { tokens: 1 },
      route: topics.map((topic) => send('look', topic)),
    }))
    .node('look', async (_state, { input: topic, effect }) => {
      const page = await effect('page', ask(topic), () => ({
        lines: Array.from({ length: 40 }, (_, at) => `${topic} line ${at}`),
      }));
      return { delta: { found: [{ topic, score: judge(topic), lines: page.lines.length > 0 }] } };
    })
    .node('write', ({ found }) => ({ delta: { answer: write(found) } }))
    .node('close', () => ({ delta: { tokens: 1 } }))
    .edge('look', 'write')
    .edge('write', 'close')
    .start('plan')
    .build();

const topics = Array.from({ length: 30 }, (_, at) => `topic ${at}`);
const otherAt17 = (topic: string): unknown => (topic === 'topic 17' ? 'another' : topic.length);

describe('shrinking a fixture', () => {
  it('leaves the one task that diverges, and the one item of the input that leads to it', async () => {
    const { before, after, report, isAtLimit } = await shrunk(desk(), desk({ judge: otherAt17 }), { topics });
    expect(before).toMatchObject({ steps: 4, tasks: 33, effects: 30 });
    expect(after).toMatchObject({ steps: 2, tasks: 2, effects: 1 });
    expect(after.length * 20).toBeLessThan(before.length);
    expect(isAtLimit).toBe(false);
    expect(report.roots).toMatchObject([{ class: 'code changed' }]);
    expect(report.divergences[report.roots[0]?.place ?? 0]).toMatchObject({
      node: 'look',
      recorded: 8,
      replayed: 'another',
    });
  });

  it('keeps what a request that differs is made of', async () => {
    const today = desk({ ask: (topic) => (topic === 'topic 3' ? { topic, deep: true } : { topic }) });
    const { after, report } = await shrunk(desk(), today, { topics });
    expect(after).toMatchObject({ tasks: 2, effects: 1 });
    expect(report.roots).toMatchObject([{ class: 'request changed' }]);
  });

  it('keeps as many tasks as the divergence takes', async () => {
    const today = desk({ write: (found) => (found.length > 11 ? 'many' : `${found.length} found`) });
    const { after, report } = await shrunk(desk(), today, { topics });
    // The recorded answer stays what it was, though there are fewer now.
    expect(after).toMatchObject({ steps: 3, tasks: 14 });
    expect(report.divergences[0]).toMatchObject({ node: 'write', recorded: '30 found', replayed: 'many' });
  });

  it('cuts chunks and long texts', async () => {
    const teller = (end: string) =>
      graph('teller', { state: fields({ question: last(''), told: text(), end: last('') }) })
        .node('tell', async function* (_state, { effect }) {
          const words = await effect('words', null, () => Array.from({ length: 200 }, (_, at) => `word ${at} `));
          for (const word of words) yield { told: word };
          yield { told: 'the end' };
        })
        .node('close', () => ({ delta: { end } }))
        .edge('tell', 'close')
        .start('tell')
        .build();
    const question = 'a long question with many words '.repeat(100);
    const { before, after } = await shrunk(teller('good'), teller('bad'), { question });
    expect(before).toMatchObject({ chunks: 201 });
    expect(after).toMatchObject({ chunks: 1, steps: 2 });
    expect(after.length * 9).toBeLessThan(before.length);
  });

  it('writes the same file each time, which replays the same with the code of then', async () => {
    const path = await recorded(desk(), { topics });
    const files = ['first.run.jsonl', 'second.run.jsonl'].map((name) => join(dirname(path), name));
    for (const file of files) await shrinkFixture(desk({ judge: otherAt17 }), path, file);
    const [first, second] = files.map((file) => readFileSync(file, 'utf8'));
    expect(second).toBe(first);
    expect((await replay(desk(), files[0] as string)).report.verdict).toBe('same');
  });

  it('takes no run that is too large for the memory', async () => {
    using fixture = await openFixture(await recorded(desk(), { topics }));
    const { length } = sizeOf(entriesInMemory(fixture));
    expect(entriesInMemory(fixture, length)).toEqual(entriesInMemory(fixture));
    expect(thrownBy(() => entriesInMemory(fixture, length - 1))).toMatchObject({ code: 'run-too-large' });
  });

  it('stops at the limit of its tries, and says so', async () => {
    const path = await recorded(desk(), { topics });
    const out = join(dirname(path), 'small.run.jsonl');
    const { tries, isAtLimit, report } = await shrinkFixture(desk({ judge: otherAt17 }), path, out, { maxTries: 3 });
    expect({ tries, isAtLimit, verdict: report.verdict }).toEqual({ tries: 3, isAtLimit: true, verdict: 'diverged' });
  });

  it('refuses a fixture that does not diverge, and writes over nothing', async () => {
    const path = await recorded(desk(), { topics });
    const out = join(dirname(path), 'small.run.jsonl');
    await expect(shrinkFixture(desk(), path, out)).rejects.toMatchObject({ code: 'not-diverging' });
    await expect(shrinkFixture(desk(), path, out, { maxTries: 0 })).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(shrinkFixture(desk(), `${path}.none`, out)).rejects.toMatchObject({ code: 'fixture-unreadable' });
    let count = 0;
    const unsteady = desk({ judge: () => (count += 1) });
    await expect(shrinkFixture(unsteady, path, out)).rejects.toMatchObject({ code: 'not-diverging' });
    expect(readdirSync(dirname(path))).toEqual(['one.run.jsonl']);
    writeFileSync(out, 'mine');
    mkdirSync(join(dirname(path), 'folder.run.jsonl'));
    for (const taken of [out, join(dirname(path), 'folder.run.jsonl')])
      await expect(shrinkFixture(desk({ judge: otherAt17 }), path, taken)).rejects.toMatchObject({
        code: 'file-exists',
      });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});
