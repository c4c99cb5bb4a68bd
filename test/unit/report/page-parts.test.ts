// The parts of a run that a page and `show` give by their addresses: what was asked, reported, thrown and put in.
import { expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { last } from '../../../src/graph/field.ts';
import { fields } from '../../../src/graph/state.ts';
import type { Divergence } from '../../../src/diff/divergence.ts';
import { openRun } from '../../../src/replay/open-run.ts';
import { PageRunBuilder, addressesLike, pageReport, pieceAt } from '../../../src/report/index.ts';
import type { PageRun } from '../../../src/report/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { task } from '../../../src/task.ts';

const working = graph('working', { state: fields({ car: last(''), text: last('') }) })
  .node('open', async (state, { effect, emit, label }) => {
    emit('progress', { step: 1 }, { stream: 'steps' });
    label('opened');
    await task('hours', () => effect('look', { car: state.car }, () => 4));
    await effect('look', { car: 'other' }, () => 4);
    await effect('look', { car: 'third' }, () => 4);
    return { delta: { text: 'open' } };
  })
  .node('ask', async (_state, { ask }) => ({
    delta: { text: String(await ask({ text: 'Pay?', letter: 'x' }, { name: 'pay' })) },
  }))
  .edge('open', 'ask')
  .start('open')
  .build();

const failing = graph('failing', { state: fields({ text: last('') }) })
  .node('throws', () => {
    throw new Error('no');
  })
  .start('throws')
  .build();

async function pageOf(built: typeof working | typeof failing, input: object): Promise<PageRun> {
  const store = memoryStore();
  await using engine = createEngine(built as never, { store });
  await engine.run(input as never, { runId: 'one' });
  const page = new PageRunBuilder();
  const opened = await openRun({ kind: 'stored', store, runId: 'one' });
  for await (const { entries, beside } of opened.steps) page.add(entries, beside);
  return page.run('one');
}

it('are the question that is open, labels, streams, the results of tasks and the input', async () => {
  const page = await pageOf(working, { car: 'Fiat' });
  expect(pieceAt(page, '2.0#1:ask:pay')).toMatchObject({ request: { text: 'Pay?' }, outcome: 'not answered yet' });
  const [attempt] = page.tasks[0]?.attempts ?? [];
  expect(attempt?.events).toEqual([
    { name: 'opened', isLabel: true },
    { name: 'progress', stream: 'steps', data: { step: 1 } },
  ]);
  expect(attempt?.notes).toContain('task hours#0 → 4');
  expect(page.facts).toContainEqual(['input', '{"car":"Fiat"}']);
  expect(addressesLike(page, '1.0#1:call:look')).toHaveLength(2);
});

it('are the frames of what a node threw', async () => {
  const page = await pageOf(failing, {});
  expect(page.tasks[0]?.attempts[0]?.stack).toContain('page-parts.test.ts');
});

it('are nothing where there is nothing, which is not null', () => {
  const found: Divergence = {
    kind: 'output',
    at: '1.0#1',
    step: 1,
    node: 'open',
    path: 'delta.vat',
    recorded: undefined,
    replayed: null,
  };
  const roots = [{ place: 0, class: 'code changed', mayBe: [], behind: [], leadsTo: [] }] as const;
  const fixture = { fixture: 'fixtures/one.run.jsonl' };
  const report = pageReport({ verdict: 'diverged', divergences: [found], roots }, { text: '', isGood: false, fixture });
  expect(report.divergences).toMatchObject([{ replayed: null }]);
  expect(report.divergences[0]).not.toHaveProperty('recorded');
  expect(report.roots[0]?.next).toContain('npx reprise replay fixtures/one.run.jsonl --update');
});
