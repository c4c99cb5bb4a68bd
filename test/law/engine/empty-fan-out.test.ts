// A fan-out over an empty list.
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last, memoryStore } from '../../../src/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

function deskOf(emptyRoute?: 'error' | 'edges') {
  return graph('desk', {
    state: fields({ topics: last<readonly string[]>([]), log: append<string>() }),
    inputs: { research: input<string>() },
  })
    .node(
      'plan',
      ({ topics }, { send }) => ({ delta: { log: ['plan'] }, route: topics.map((topic) => send('research', topic)) }),
      emptyRoute === undefined ? {} : { emptyRoute },
    )
    .node('research', (_state, context) => ({ delta: { log: [context.input] } }))
    .node('aside', () => ({ delta: { log: ['aside'] } }))
    .node('meet', () => ({ delta: { log: ['meet'] } }))
    .node('write', () => ({ delta: { log: ['write'] } }))
    .edge('research', 'write')
    .edge('plan', 'aside')
    .join(['plan', 'aside'], 'meet')
    .edge('meet', 'write')
    .start('plan')
    .build();
}

it('continues by the edges of its node, joins among them, and replays', async () => {
  const store = memoryStore();
  await using engine = createEngine(deskOf('edges'), { store });
  const run = await engine.run({}, { runId: 'empty' }).orThrow();
  expect(run.log).toEqual(['plan', 'aside', 'meet', 'write']);
  const file = await exportRunTo(store, 'empty', `${temporaryFolder()}/`);
  expect((await replay(deskOf('edges'), file)).report.verdict).toBe('same');
});

it('is a fan-out like any other where there is something in the list', async () => {
  await using engine = createEngine(deskOf('edges'));
  expect((await engine.run({ topics: ['a', 'b'] }).orThrow()).log).toEqual(['plan', 'a', 'b', 'write']);
});

it('changes the fingerprint of the graph, but not where that says what a graph does anyway', () => {
  expect(deskOf('edges').spec.fingerprint).not.toBe(deskOf().spec.fingerprint);
  expect(deskOf('error').spec.fingerprint).toBe(deskOf().spec.fingerprint);
});

it('is an error by default, and a run that failed with it is resumed with the option', async () => {
  const store = memoryStore();
  const strict = createEngine(deskOf(), { store });
  expect(await strict.run({}, { runId: 'run' })).toMatchObject({ status: 'failed', error: { code: 'empty-route' } });
  await using engine = createEngine(deskOf('edges'), { store });
  expect((await engine.resume('run').orThrow()).log).toEqual(['plan', 'aside', 'meet', 'write']);
});

it('is an option of nodes that return routes, with two names', () => {
  const odd = (options: object) => () => graph('odd', { state: fields({}) }).node('plan', () => undefined, options);
  expect(odd({ emptyRoute: 'stop' })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  expect(odd({ emptyRoute: true })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
});
