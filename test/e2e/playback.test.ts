// A recorded stream is played back at its recorded speed, scaled, or at once, from its store and from its fixture.
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, text } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { fixtureStore } from '../../src/replay/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { testEngine } from '../support/test-engine.ts';

const words = ['to ', 'be ', 'or ', 'not'];
/** When each word came, in milliseconds after the run began. */
const times = [30, 60, 90, 120];

const writerOf = (clock: ManualClock) =>
  graph('writer', { state: fields({ answer: text() }) })
    .node('write', async function* () {
      for (const word of words) {
        await new Promise<void>((resolve) => void clock.setTimer(30, resolve));
        yield { answer: word };
      }
    })
    .start('write')
    .build();

/** A store with a run whose words came 30 ms apart. */
async function recordedStore(): Promise<RunStore> {
  const clock = new ManualClock(1_000);
  const store = memoryStore();
  const engine = testEngine(writerOf(clock), { store, clock });
  await clock.until(engine.run({ answer: '' }, { runId: 'run' }), 30);
  return store;
}

/** The words, and when the reader got each, in milliseconds after it began. */
async function played(store: RunStore, runId: string, speed?: number) {
  const clock = new ManualClock();
  const engine = testEngine(writerOf(clock), { store, clock });
  const heard: string[] = [];
  const heardAt: number[] = [];
  const reading = (async () => {
    for await (const item of engine.read(runId, speed === undefined ? {} : { speed })) {
      if (item.kind !== 'chunk') continue;
      heard.push((item.chunk as { readonly answer: string }).answer);
      heardAt.push(clock.now());
    }
  })();
  await clock.until(reading, 1);
  return { heard, heardAt };
}

describe.each(['its store', 'its fixture'])('from %s, a recorded stream is played', (from) => {
  async function source(): Promise<{ readonly store: RunStore; readonly runId: string }> {
    const store = await recordedStore();
    if (from === 'its store') return { store, runId: 'run' };
    return fixtureStore(await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`));
  }

  it.each([1, 0.5, 2])('at %s times its speed', async (speed) => {
    const { store, runId } = await source();
    const { heard, heardAt } = await played(store, runId, speed);
    expect(heard).toEqual(words);
    expect(heardAt).toEqual(times.map((time) => time / speed));
  });

  it('at once, where no speed is asked for', async () => {
    const { store, runId } = await source();
    expect(await played(store, runId)).toEqual({ heard: words, heardAt: [0, 0, 0, 0] });
  });
});

it('does not hold up a reader that leaves', async () => {
  await using engine = createEngine(writerOf(new ManualClock()), { store: await recordedStore() });
  const items = engine.read('run', { speed: 1e-6 })[Symbol.asyncIterator]();
  const first = items.next();
  await items.return?.(undefined);
  expect((await first).done).toBe(true);
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '2'])('refuses the speed %s', async (speed) => {
  await using engine = createEngine(writerOf(new ManualClock()));
  expect(() => engine.read('run', { speed: speed as number })).toThrow(/speed/);
});
