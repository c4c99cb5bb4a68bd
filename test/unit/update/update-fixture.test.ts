// What an update changes in a file, as git sees it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import { append, last, reduce, sum } from '../../../src/graph/field.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { input } from '../../../src/graph/input.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { replayText } from '../../../src/report/divergence/replay-text.ts';
import { updateSummary } from '../../../src/report/update/update-summary.ts';
import { updateSummaryText, updateText } from '../../../src/report/update/update-text.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

async function recorded(built: AnyGraph, input: unknown = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  const run = await engine.run(input as never, { runId: 'one', seed: 'seed' });
  const path = await exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'));
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: dirname(path), encoding: 'utf8' });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'Record');
  return path;
}

/** The lines that git shows as new. */
function newLines(path: string): readonly string[] {
  const diff = execFileSync('git', ['diff', '-U0'], { cwd: dirname(path), encoding: 'utf8' });
  return diff
    .split('\n')
    .filter((line) => line.startsWith('+') && !line.startsWith('+++'))
    .map((line) => line.slice(1));
}

type Write = (text: string) => string;
const same: Write = (text) => text;

const desk = (write: Write = same) =>
  graph('desk', { state: fields({ notes: append<string>(), answer: last('none'), tokens: sum() }) })
    .node('search', async (_state, { effect }) => {
      const pages = await effect('search', { for: 'sqlite' }, () => 'pages');
      const more = await effect('search', { for: 'more' }, () => 'more pages');
      return { delta: { notes: [pages, more], tokens: 2 } };
    })
    .node('write', async (state, { effect }) => {
      const text = await effect('model', { about: state.notes }, () => 'a text');
      return { delta: { answer: write(text), tokens: 5 } };
    })
    .node('close', () => ({ delta: { tokens: 1 } }))
    .edge('search', 'write')
    .edge('write', 'close')
    .start('search')
    .build();

/** What changed, by kind and key; without the digests at the ends of both blocks, which always do. */
function changedPlaces(path: string): readonly string[] {
  const lines = newLines(path).map((line) => JSON.parse(line) as { readonly [key: string]: string });
  expect(lines.flatMap(({ block }) => block ?? [])).toEqual(['canonical', 'observed']);
  return lines
    .filter(({ block }) => block === undefined)
    .map(({ kind, at, observed, reprise, part }) =>
      reprise === undefined ? `${observed === undefined ? '' : 'observed '}${kind ?? part} ${at}` : 'header',
    );
}

async function expectReplays(built: AnyGraph, path: string): Promise<void> {
  const { report } = await replay(built, path);
  expect(report.divergences).toEqual([]);
  expect(await updateFixture(built, path)).toMatchObject({ verdict: 'unchanged' });
}

it('changes the one line of an output that is another', async () => {
  const path = await recorded(desk());
  const shouting = desk((text) => text.toUpperCase());
  const updated = await updateFixture(shouting, path);
  expect(updated).toMatchObject({ verdict: 'updated', run: { state: { answer: 'A TEXT' } } });
  expect(changedPlaces(path)).toEqual(['outcome 2.0#1']);
  expect(updated.changes.filter(({ follows }) => follows !== true)).toEqual([
    { kind: 'output', about: '"write" delta.answer', at: '2.0#1', recorded: 'a text', replayed: 'A TEXT' },
  ]);
  await expectReplays(shouting, path);
});

it('leaves a file alone that nothing is new in', async () => {
  const path = await recorded(desk());
  const before = readFileSync(path);
  expect(await updateFixture(desk(), path)).toMatchObject({ verdict: 'unchanged', changes: [] });
  expect(readFileSync(path)).toEqual(before);
});

const ticket = (more: object, node: string, reducer: (state: number, by: number) => number) =>
  graph('ticket', {
    state: fields({ points: reduce(reducer, 0), log: append<string>(), ...more } as unknown as {
      points: ReturnType<typeof sum>;
      log: ReturnType<typeof append<string>>;
    }),
    inputs: { [node as 'other']: input<{ readonly id: number }>() },
  })
    .node('plan', (_state, { send }) => ({
      delta: { points: 1 },
      route: [1, 2, 3].map((id) => send(node as 'other', { id })),
    }))
    .node(node as 'other', async (_state, { input: { id }, effect }) => {
      const found = await effect('look', { id }, () => `found ${id}`);
      return { delta: { points: 1, log: [found] } };
    })
    .node('end', () => ({ delta: { log: ['end'] } }))
    .edge(node as 'other', 'end')
    .start('plan')
    .build();
const plus = (state: number, by: number): number => state + by;

it('writes a new field into the header alone', async () => {
  const path = await recorded(ticket({}, 'look-up', plus));
  const wider = ticket({ priority: last('normal') }, 'look-up', plus);
  const { verdict, changes } = await updateFixture(wider, path);
  expect(verdict).toBe('updated');
  expect(changedPlaces(path)).toEqual(['header']);
  expect(changes).toMatchObject([{ kind: 'graph', about: 'graph.state.priority was added' }]);
  await expectReplays(wider, path);
});

it('changes what a reducer decided, in the steps that it decided', async () => {
  const path = await recorded(ticket({}, 'look-up', plus));
  const twice = ticket({}, 'look-up', (state, by) => state + 2 * by);
  expect(await updateFixture(twice, path)).toMatchObject({ verdict: 'updated', run: { state: { points: 8 } } });
  expect(changedPlaces(path)).toEqual(['commit 1', 'commit 2']);
  await expectReplays(twice, path);
});

it('knows a node by another name, and changes only lines that name it', async () => {
  const path = await recorded(ticket({}, 'look-up', plus));
  const renamed = ticket({}, 'inquire', plus);
  const { verdict, changes } = await updateFixture(renamed, path);
  expect(verdict).toBe('updated');
  expect(changedPlaces(path)).toEqual([
    'header',
    'outcome 1.0#1',
    'commit 1',
    'outcome 2.0#1',
    'outcome 2.1#1',
    'outcome 2.2#1',
  ]);
  expect(changes).toEqual([
    { kind: 'renamed', about: 'node "look-up"', at: '', recorded: 'look-up', replayed: 'inquire' },
  ]);
  await expectReplays(renamed, path);
});

const asking = (topics: readonly string[], isBroken = false) =>
  graph('asking', { state: fields({ found: append<string>(), rest: append<number>() }) })
    .node('ask', async (_state, { effect }) => ({
      delta: { found: await Promise.all(topics.map((topic) => effect('look', { topic }, () => `live ${topic}`))) },
    }))
    .node('beside', async (_state, { effect, sleep }) => {
      await sleep(1);
      return { delta: { rest: [await effect('rest', {}, () => 1)] } };
    })
    .node('begin', () => ({}))
    .node('check', (state) => {
      if (isBroken) throw new Error(`cannot read ${state.found.length}`);
      return { delta: { rest: [2] } };
    })
    .edge('begin', 'ask')
    .edge('begin', 'beside')
    .join(['ask', 'beside'], 'check')
    .start('begin')
    .build();

it('drops effects that nothing asks for any more, and lists them', async () => {
  const path = await recorded(asking(['a', 'b', 'c']));
  const fewer = asking(['a', 'c']);
  const { verdict, changes } = await updateFixture(fewer, path);
  expect(verdict).toBe('updated');
  expect(changes.filter(({ kind }) => kind === 'unused effect')).toEqual([
    {
      kind: 'unused effect',
      about: 'effect "look"',
      at: '2.0#1:call:look',
      recorded: { topic: 'b' },
      replayed: undefined,
    },
  ]);
  // The numbers of what happened side by side count from 0 again.
  expect(changedPlaces(path).filter((place) => !place.startsWith('observed'))).toEqual(['outcome 2.0#1']);
  await expectReplays(fewer, path);
});

it('stays as it is where the code asks for more, until it may ask the outside', async () => {
  const path = await recorded(asking(['a', 'b']));
  const before = readFileSync(path);
  const more = asking(['a', 'new', 'b']);
  const refused = await updateFixture(more, path);
  expect(refused.verdict).toBe('refused');
  expect(readFileSync(path)).toEqual(before);
  expect(refused.report.divergences).toContainEqual(
    expect.objectContaining({ kind: 'missing effect', replayed: { topic: 'new' } }),
  );
  const { verdict, changes } = await updateFixture(more, path, { live: true });
  expect(verdict).toBe('updated');
  expect(changes.filter(({ kind }) => kind === 'performed')).toMatchObject([{ replayed: { topic: 'new' } }]);
  const [added] = newLines(path).filter((line) => line.includes('"live new"'));
  expect(JSON.parse(added ?? '')).toMatchObject({ kind: 'effect', at: '2.0#1' });
  expect(newLines(path).filter((line) => line.includes('"source":"update"'))).toHaveLength(1);
  await expectReplays(more, path);
});

it('continues a run that failed, once its code does not', async () => {
  const path = await recorded(asking(['a'], true));
  const mended = asking(['a']);
  expect(await updateFixture(mended, path)).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
  expect(changedPlaces(path)).toEqual([
    'outcome 3.0#1',
    'commit 3',
    'end ',
    'observed outcome 3.0#1',
    'observed commit 3',
    'observed end ',
  ]);
  await expectReplays(mended, path);
  const broken = asking(['a'], true);
  expect(await updateFixture(broken, path)).toMatchObject({ verdict: 'updated', run: { status: 'failed' } });
  await expectReplays(broken, path);
});

it('says that an effect is no longer marked once, though no run differs by it', async () => {
  const paying = (once: boolean): AnyGraph =>
    graph('paying', { state: fields({ receipt: last('') }) })
      .node('pay', async (_state, { effect }) => ({
        delta: { receipt: await effect('pay', { cents: 1 }, () => 'r-1', once ? { once: true } : {}) },
      }))
      .start('pay')
      .build() as unknown as AnyGraph;
  const path = await recorded(paying(true));
  const { verdict, changes } = await updateFixture(paying(false), path);
  expect({ verdict, changes }).toEqual({
    verdict: 'updated',
    changes: [{ kind: 'once', about: 'effect "pay"', at: '1.0#1:call:pay', recorded: true, replayed: false }],
  });
  expect(await updateFixture(paying(true), path)).toMatchObject({ changes: [{ kind: 'once', replayed: true }] });
});

it('says that values of reads which nobody recorded are made up', async () => {
  const ticket = (isTraced: boolean): AnyGraph =>
    graph('ticket', { state: fields({ id: last('') }) })
      .node('open', () => {
        if (isTraced) crypto.randomUUID();
        return { delta: { id: crypto.randomUUID() } };
      })
      .start('open')
      .build() as unknown as AnyGraph;
  const path = await recorded(ticket(false));
  const update = await updateFixture(ticket(true), path);
  expect(update).toMatchObject({
    verdict: 'updated',
    unrecordedReads: 1,
    unrecordedRead: 'crypto.randomUUID in 1.0#1',
  });
  expect(updateText(update).replaceAll(/\s+/g, ' ')).toContain(
    '1 read of a clock or of random values not recorded (crypto.randomUUID in 1.0#1): the replay made up a value for each',
  );
  const { report } = await replay(ticket(true), path);
  expect(report).toMatchObject({ verdict: 'same', unrecordedReads: 1 });
  expect(replayText(report)).not.toContain('depends on');
  const unchanged = await updateFixture(ticket(true), path);
  expect(unchanged).toMatchObject({ verdict: 'unchanged' });
  expect(updateText(unchanged)).not.toContain('made up');
});

describe('a graph that was renamed', () => {
  const named = (name: string, node = 'write', text = 'a text'): AnyGraph =>
    graph(name, { state: fields({ answer: last('') }) })
      .node(node, async (_state, { effect }) => ({
        delta: { answer: `${await effect('model', {}, () => 'x')} ${text}` },
      }))
      .start(node)
      .build() as unknown as AnyGraph;

  it('is another graph unless its name is accepted, and that is a change of its own', async () => {
    const path = await recorded(named('support'));
    const refused = await updateFixture(named('helpdesk'), path).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      code: 'fixture-other-graph',
      nextStep: expect.stringContaining('accept the name'),
    });
    await expect(replay(named('helpdesk'), path)).rejects.toThrow(
      expect.objectContaining({ code: 'fixture-other-graph' }),
    );
    const update = await updateFixture(named('helpdesk'), path, { acceptName: true });
    expect(update).toMatchObject({ verdict: 'updated', changes: [{ kind: 'renamed', about: 'graph "support"' }] });
    expect(updateSummaryText(updateSummary([update]))).toContain('graph "support" is now "helpdesk"');
    // The header, and the digests of both blocks.
    expect(newLines(path)).toHaveLength(3);
    expect((await replay(named('helpdesk'), path)).report).toMatchObject({ verdict: 'same', divergences: [] });
    await expect(replay(named('support'), path)).rejects.toThrow(
      expect.objectContaining({ code: 'fixture-other-graph' }),
    );
  });

  it('may compute something else as well, and has its nodes', async () => {
    const path = await recorded(named('support'));
    const other = await updateFixture(named('helpdesk', 'draft'), path, { acceptName: true }).catch(
      (thrown: unknown) => thrown,
    );
    expect(other).toMatchObject({ code: 'fixture-other-graph', nextStep: expect.stringContaining('first') });
    const update = await updateFixture(named('helpdesk', 'write', 'another'), path, { acceptName: true });
    expect(update.changes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['renamed', 'output']));
  });
});
