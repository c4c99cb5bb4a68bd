// A recorded stream is played back at its recorded speed, scaled, or at once, from its store and from its fixture.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, text } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { fixtureStore } from '../../src/replay/index.ts';
import { temporaryFolder } from '../support/folder.ts';

const waitMs = 30;
const words = ['to ', 'be ', 'or ', 'not'];
const writer = graph('writer', { state: fields({ answer: text() }) })
  .node('write', async function* () {
    for (const word of words) {
      await pause(waitMs);
      yield { answer: word };
    }
  })
  .start('write')
  .build();

async function played(
  store: RunStore,
  runId: string,
  speed: number | undefined,
): Promise<{ readonly ms: number; readonly firstMs: number; readonly said: string }> {
  await using engine = createEngine(writer, { store });
  const begun = performance.now();
  let firstMs: number | undefined;
  let said = '';
  for await (const item of engine.read(runId, speed === undefined ? {} : { speed })) {
    if (item.kind !== 'chunk') continue;
    firstMs ??= performance.now() - begun;
    said += item.chunk.answer ?? '';
  }
  return { ms: performance.now() - begun, firstMs: firstMs ?? 0, said };
}

it('plays a stored run and its fixture at the requested speed', async () => {
  const store = memoryStore();
  await createEngine(writer, { store }).run({ answer: '' }, { runId: 'run' });
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
  // Timers may fire a millisecond early, and times are recorded in whole milliseconds.
  const wasMs = words.length * waitMs - 10;
  const fixture = await fixtureStore(path);
  for (const [from, runId] of [
    [store, 'run'],
    [fixture.store, fixture.runId],
  ] as const) {
    const recorded = await played(from, runId, 1);
    expect(recorded.said).toBe(words.join(''));
    expect(recorded.ms).toBeGreaterThan(wasMs);
    expect(recorded.firstMs).toBeGreaterThan(waitMs - 10);
    expect((await played(from, runId, 0.5)).ms).toBeGreaterThan(2 * wasMs);
    const [scaled, atOnce] = [await played(from, runId, 100), await played(from, runId, undefined)];
    expect([scaled.said, atOnce.said]).toEqual([words.join(''), words.join('')]);
    expect(Math.min(scaled.ms, atOnce.ms)).toBeLessThan(wasMs);
  }
});

it('a reader that leaves does not wait, and an invalid speed is refused', async () => {
  const store = memoryStore();
  await using engine = createEngine(writer, { store });
  await engine.run({ answer: '' }, { runId: 'run' });
  const items = engine.read('run', { speed: 1e-6 })[Symbol.asyncIterator]();
  const first = items.next();
  await items.return?.(undefined);
  expect((await first).done).toBe(true);
  for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '2'])
    expect(() => engine.read('run', { speed: speed as number })).toThrow(/speed/);
});
