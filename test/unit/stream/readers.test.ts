// What readers are told: of retries, of nodes that yield what does not fit, of wrong options, and when they are too slow.
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, sum, text } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';

interface AnyItem {
  readonly kind: string;
  readonly cursor: string;
}

async function all(items: AsyncIterable<AnyItem>): Promise<readonly AnyItem[]> {
  const list: AnyItem[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const kinds = async (items: AsyncIterable<AnyItem>): Promise<string> =>
  (await all(items)).map(({ kind }) => kind).join(' ');

const retried = graph('retried', { state: fields({ answer: text() }) })
  .node(
    'write',
    async function* (_state, { attempt }) {
      yield { answer: 'a' };
      if (attempt === 1) throw new Error('not yet');
      yield { answer: 'b' };
    },
    { retry: { attempts: 2 } },
  )
  .start('write')
  .build();

function yielding(run: () => AsyncGenerator<unknown, unknown>): AnyGraph {
  return graph('yielding', { state: fields({ n: sum() }) })
    .node('write', run as never)
    .start('write')
    .build() as AnyGraph;
}

describe('a reader', () => {
  it('is given what was yielded before a failure, and told that it is void', async () => {
    await using engine = createEngine(retried);
    const wanted = 'node-start chunk reset node-start chunk chunk node-done done';
    expect(await kinds(engine.stream({}, { runId: 'run' }))).toBe(wanted);
    expect(await kinds(engine.read('run'))).toBe(wanted);
    expect(await kinds(engine.read('run', { order: 'canonical' }))).toBe(wanted);
  });

  it('begins behind the end with the cursor of the end, and has nothing to read', async () => {
    await using engine = createEngine(retried);
    const last = (await all(engine.stream({}, { runId: 'run' }))).at(-1);
    const reader = engine.read('run', { from: last?.cursor ?? '' });
    expect(reader.hasEnded).toBe(true);
    expect(await kinds(reader)).toBe('done');
  });

  it('is refused with a code: an unknown run, a cursor that is none, one of the other order, a second reading', async () => {
    await using engine = createEngine(retried);
    const stream = engine.stream({}, { runId: 'run' });
    const [first] = await all(stream);
    await expect(all(engine.read('none'))).rejects.toMatchObject({ code: 'run-unknown' });
    await expect(all(engine.read('run', { from: 'none' }))).rejects.toMatchObject({ code: 'cursor-invalid' });
    await expect(all(engine.read('run', { from: first?.cursor ?? '', order: 'canonical' }))).rejects.toMatchObject({
      code: 'cursor-invalid',
    });
    await expect(all(engine.stream({}, { runId: 'run' }))).rejects.toMatchObject({ code: 'run-exists' });
    await expect((async () => all(stream))()).rejects.toMatchObject({ code: 'stream-taken' });
    expect(() => engine.stream({}, { highWaterMark: 0 })).toThrow(/highWaterMark/);
    expect(() => engine.stream({}, { order: 'canonical', onSlow: 'wait' })).toThrow(/onSlow/);
  });

  it.each<readonly [string, () => AsyncGenerator<unknown, unknown>, string]>([
    [
      'a chunk that its field does not take',
      async function* () {
        yield { n: 'x' };
      },
      'node-start done',
    ],
    [
      'a chunk of no field',
      async function* () {
        yield { m: 1 };
      },
      'node-start done',
    ],
    [
      'nothing',
      async function* () {
        yield undefined;
      },
      'node-start done',
    ],
    [
      'a result that is none',
      async function* () {
        yield { n: 1 };
        return 5;
      },
      'node-start chunk reset done',
    ],
  ])('sees the run fail whose node gives %s', async (_what, run, wanted) => {
    await using engine = createEngine(yielding(run));
    const stream = engine.stream({} as never);
    expect(await kinds(stream)).toBe(wanted);
    expect(await stream.result).toMatchObject({ status: 'failed', error: { code: 'node-output-invalid' } });
  });

  it('that cancels the run sees its chunks void', async () => {
    const endless = yielding(async function* () {
      for (;;) {
        yield { n: 1 };
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    });
    await using engine = createEngine(endless);
    const stream = engine.stream({} as never);
    let chunks = 0;
    const seen: string[] = [];
    for await (const item of stream) {
      seen.push(item.kind);
      if (item.kind === 'chunk') chunks += 1;
      if (chunks === 3 && item.kind === 'chunk') stream.cancel('enough');
    }
    expect(seen.slice(-2)).toEqual(['reset', 'done']);
    expect(await stream.result).toMatchObject({ status: 'cancelled', reason: 'enough' });
  });

  it('that takes nothing is let go with its cursor, and the run goes on; a new one has all of it', async () => {
    const many = yielding(async function* () {
      for (let count = 0; count < 50; count += 1) yield { n: 1 };
    });
    await using engine = createEngine(many);
    const stalled = engine.stream({} as never, { runId: 'run', onSlow: 'wait', highWaterMark: 5, stallTimeoutMs: 20 });
    expect((await stalled.result).status).toBe('done');
    const [last, ...others] = (await all(stalled)).slice().reverse();
    expect([last?.kind, others.map(({ kind }) => kind)]).toEqual(['detached', ['node-start']]);
    expect(
      (await all(engine.read('run', { from: last?.cursor ?? '' }))).filter(({ kind }) => kind === 'chunk'),
    ).toHaveLength(50);
  });
});
