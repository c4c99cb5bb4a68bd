// What a reader is given of nodes that start, of events and of questions, and that a cursor of any item is a place to
// continue from.
import { describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, text } from '../../../../src/index.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';

const inner = graph('inner', { state: fields({ log: append<string>() }) })
  .node('look', async (_state, { emit, key }) => {
    emit('looking', { key });
    return { delta: { log: ['looked'] } };
  })
  .start('look')
  .build();
let tries = 0;
const desk = graph('desk', { state: fields({ answer: text(), log: append<string>() }) })
  .node(
    'plan',
    async (_state, { emit, label, attempt }) => {
      label('planned');
      emit('planning', { attempt }, { stream: 'progress' });
      tries += 1;
      if (tries % 2 === 1) throw new Error('once more');
      return { delta: { log: ['planned'] } };
    },
    { retry: { attempts: 2 } },
  )
  .node('write', async function* (_state, { emit }) {
    yield { answer: 'Hello ' };
    emit('half', null);
    yield { answer: 'world' };
  })
  .subgraph('search', inner, { input: () => ({}), output: ({ log }) => ({ log }) })
  .node('approve', async (_state, { ask }) => {
    const answers = [await ask<string>('first?', { name: 'yes' }), await ask<string>('second?', { name: 'yes' })];
    return { delta: { log: answers } };
  })
  .edge('plan', 'write')
  .edge('plan', 'search')
  .edge('write', 'approve')
  .start('plan')
  .build();

async function ended() {
  const engine = createEngine(desk, { store: memoryStore() });
  await engine.run({}, { runId: 'r' });
  await engine.resume('r', { answer: 'one' });
  expect(await engine.resume('r', { answer: 'two' })).toMatchObject({ status: 'done' });
  return engine;
}

describe.each(['arrival', 'canonical'] as const)('in %s order', (order) => {
  it('a reader sees nodes start, events and questions', async () => {
    await using engine = await ended();
    const items: string[] = [];
    for await (const item of engine.read('r', { order })) {
      if (item.kind === 'event') items.push(`event ${item.key} ${item.node} ${item.name} ${item.stream}`);
      else if (item.kind === 'question')
        items.push(`question ${item.key} ${item.node} ${item.question.key} ${String(item.question.question)}`);
      else if (item.kind === 'node-start') items.push(`start ${item.key} ${item.node} ${item.attempt}`);
      else if (item.kind !== 'done' && item.kind !== 'detached') items.push(`${item.kind} ${item.key}`);
    }
    const wanted = [
      'start 1.0#1 plan 1',
      'event 1.0#1 plan planning progress',
      'start 1.0#2 plan 2',
      'event 1.0#2 plan planning progress',
      'node-done 1.0#2',
      'start 2.0#1 write 1',
      'start 2.1#1 search 1',
      'chunk 2.0#1',
      'event 2.0#1 write half ',
      'chunk 2.0#1',
      'node-done 2.0#1',
      'start 2.1#1/1.0#1 look 1',
      'event 2.1#1/1.0#1 look looking ',
      'node-done 2.1#1/1.0#1',
      'node-done 2.1#1',
      'start 3.0#1 approve 1',
      'question 3.0#1 approve 3.0:yes first?',
      'question 3.0#1 approve 3.0:yes:1 second?',
      'node-done 3.0#1',
    ];
    if (order === 'canonical') expect(items).toEqual(wanted);
    else expect([...items].sort()).toEqual([...wanted].sort());
  });

  it('the cursor of each item gives exactly the rest', async () => {
    await using engine = await ended();
    const all: unknown[] = [];
    const cursors: string[] = [];
    for await (const item of engine.read('r', { order })) {
      all.push(JSON.parse(JSON.stringify(item)));
      cursors.push(item.cursor);
    }
    expect(new Set(cursors).size).toBe(cursors.length);
    for (const [index, from] of cursors.slice(0, -1).entries()) {
      const rest: unknown[] = [];
      for await (const item of engine.read('r', { order, from })) rest.push(JSON.parse(JSON.stringify(item)));
      expect([index, rest]).toEqual([index, all.slice(index + 1)]);
    }
  });
});

it('with what the store has not got yet, a cursor gives the rest as well', async () => {
  const store = memoryStore();
  const engine = createEngine(desk, { store, durability: 'step' });
  tries = 0;
  const stream = engine.stream({}, { runId: 'r' });
  const kinds: string[] = [];
  for await (const item of stream) kinds.push(item.kind);
  expect(kinds.slice(0, 3)).toEqual(['node-start', 'event', 'node-start']);
  expect(kinds.slice(-3)).toEqual(['node-start', 'question', 'done']);
  await engine.close();
});
