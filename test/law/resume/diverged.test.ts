// If an attempt is resumed with code that does something else, nothing of that is kept.
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine, fields, graph, memoryStore, text } from 'reprise';
import { expect, it } from 'vitest';
import { collected } from '../../support/journals.ts';
import { asDurable, runId } from './prefix-run.ts';

it.each(['effect', 'step'] as const)(
  'what it emits and yields before it diverges is not written, at level %s',
  async (durability) => {
    let life: 'first' | 'wrong' | 'right' = 'first';
    const writer = graph('writer', { state: fields({ answer: text() }) })
      .node('write', async function* (_state, { effect, emit, stream }) {
        if (life === 'wrong') {
          emit('told', 'wrong');
          yield { answer: 'wrong' };
          stream({ answer: 'wrong' });
          await pause(10);
          await effect('another', 1, () => 1);
        }
        await effect('asked', 1, () => 1);
        if (life === 'first') await pause(1_000);
        emit('told', 'right');
        yield { answer: 'right' };
      })
      .start('write')
      .build();
    const store = asDurable(memoryStore());
    const first = createEngine(writer, { store, durability });
    const begun = first.run({ answer: '' }, { runId });
    await pause(30);
    await first.close();
    await begun;
    const before = await collected(store.read(runId));

    life = 'wrong';
    const second = createEngine(writer, { store, durability });
    await expect(second.resume(runId)).rejects.toMatchObject({ code: 'resume-diverged' });
    await second.close();
    expect(await collected(store.read(runId))).toEqual(before);

    life = 'right';
    const third = createEngine(writer, { store, durability });
    expect(await third.resume(runId).orThrow()).toEqual({ answer: 'right' });
    await third.close();
    const told = (await collected(store.read(runId))).flatMap((entry) => (entry.kind === 'event' ? [entry.data] : []));
    expect(told).toEqual(['right']);
  },
);

it('what comes before the last journaled effect is requested again is written then, in order', async () => {
  let isFirst = true;
  const writer = graph('writer', { state: fields({ answer: text() }) })
    .node('write', async function* (_state, { effect, emit }) {
      const asked = effect('asked', 1, () => 1);
      if (!isFirst) {
        // Emitted while the journal still holds an effect that was not requested again.
        emit('told', 'early');
        yield { answer: 'a' };
      }
      await asked;
      await effect('second', 2, () => 2);
      if (isFirst) await pause(1_000);
      yield { answer: 'b' };
    })
    .start('write')
    .build();
  const store = asDurable(memoryStore());
  const first = createEngine(writer, { store });
  const begun = first.run({ answer: '' }, { runId });
  await pause(30);
  await first.close();
  await begun;
  isFirst = false;
  const second = createEngine(writer, { store });
  expect(await second.resume(runId).orThrow()).toEqual({ answer: 'ab' });
  const seen: string[] = [];
  for await (const item of second.read(runId)) if (item.kind === 'chunk') seen.push(item.chunk.answer ?? '');
  expect(seen).toEqual(['a', 'b']);
  await second.close();
});

it('chunks of a resumable node that its graph no longer accepts fail the attempt, and the run still ends', async () => {
  const graphOf = (isOld: boolean) =>
    graph('writer', { state: isOld ? fields({ answer: text(), more: text() }) : (fields({ answer: text() }) as never) })
      .node(
        'write',
        async function* (_state, { resumed }) {
          yield (isOld ? { more: 'x' } : { answer: `${resumed.length}` }) as never;
          if (isOld) await pause(1_000);
        },
        { resumable: true },
      )
      .start('write')
      .build();
  const store = asDurable(memoryStore());
  const first = createEngine(graphOf(true), { store });
  const begun = first.run({ answer: '', more: '' } as never, { runId });
  await pause(30);
  await first.close();
  await begun;
  const second = createEngine(graphOf(false), { store });
  expect(await second.resume(runId, { force: true })).toMatchObject({
    status: 'failed',
    error: { code: 'node-output-invalid' },
  });
  expect((await store.find(runId))?.status).toBe('failed');
  await second.close();
});
