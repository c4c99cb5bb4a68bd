import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last } from '../../../../src/index.ts';
import { settled } from '../../../support/manual-clock.ts';

it('starts a task for which there is room, although tasks of another node wait', async () => {
  const log: string[] = [];
  const fan = graph('fan', { state: fields({}), inputs: { slow: input<number>(), fast: input<number>() } })
    .node('begin', (_state, { send }) => ({ route: [send('slow', 0), send('slow', 1), send('fast', 2)] }))
    .node(
      'slow',
      async (_state, { input: number }) => {
        log.push(`slow ${number}`);
        await settled();
      },
      { maxConcurrent: 1 },
    )
    .node('fast', (_state, { input: number }) => {
      log.push(`fast ${number}`);
    })
    .start('begin')
    .build();
  await using engine = createEngine(fan);
  await engine.run({}).orThrow();
  expect(log).toEqual(['slow 0', 'fast 2', 'slow 1']);
});

it('keeps the chunks of its tasks where it fails with no task to blame', async () => {
  const clash = graph('clash', { state: fields({ lines: append<string>(), one: last('') }) })
    .node('begin', (_state, { goto }) => ({ route: [goto('left'), goto('right')] }))
    .node('left', async function* () {
      yield { lines: ['left'] };
      return { delta: { one: 'left' } };
    })
    .node('right', async function* () {
      yield { lines: ['right'] };
      return { delta: { one: 'right' } };
    })
    .start('begin')
    .build();
  await using engine = createEngine(clash);
  const kinds: string[] = [];
  const stream = engine.stream({ lines: [] });
  for await (const { kind } of stream) kinds.push(kind);
  expect(await stream.result).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
  expect(kinds.filter((kind) => kind === 'chunk')).toHaveLength(2);
  expect(kinds).not.toContain('reset');
});
