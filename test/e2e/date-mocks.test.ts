// What a test puts in place of `Date` while an engine is open, in the ways that test tools do, stands for the test, and
// not for the nodes of a replay.
import { mock } from 'node:test';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const RealDate = Date;
const reading = graph('reading', { state: fields({ times: last<readonly number[]>([]) }) })
  .node('read', async () => {
    const before = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 3));
    return { delta: { times: [before, Date.parse(new Date().toISOString())] } };
  })
  .start('read')
  .build();

class FixedDate extends RealDate {
  constructor() {
    super(1_000);
  }
  static override now(): number {
    return 1_000;
  }
}

/** Puts a fixed time there, and gives back what it has found. */
const ways: Record<string, () => () => void> = {
  'mock.timers of node:test': () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000 });
    return () => mock.timers.reset();
  },
  'an assignment': () => {
    const found = globalThis.Date;
    globalThis.Date = FixedDate as DateConstructor;
    return () => {
      globalThis.Date = found;
    };
  },
  'a whole property': () => {
    const found = Object.getOwnPropertyDescriptor(globalThis, 'Date') as PropertyDescriptor;
    Object.defineProperty(globalThis, 'Date', { value: FixedDate, configurable: true, writable: true });
    return () => void Object.defineProperty(globalThis, 'Date', found);
  },
};

describe.each(Object.entries(ways))('%s', (name, put) => {
  it('may come and go around runs and replays of an open engine', async () => {
    const store = memoryStore();
    const engine = createEngine(reading, { store, effects: [httpEffects()] });
    const close = (): Promise<void> => engine.close();
    onTestFinished(close);
    for (const runId of ['first', 'second']) {
      const giveBack = put();
      expect([Date.now(), Date.parse(new Date().toISOString())]).toEqual([1_000, 1_000]);
      const run = await engine.run({}, { runId });
      expect(run.state.times).toEqual([1_000, 1_000]);
      giveBack();
      expect(Date.now()).toBeGreaterThan(1_000);
    }
    const { state } = await engine.run({}, { runId: 'third' });
    expect(state.times[0]).toBeGreaterThan(1_000);
    const path = await exportRunTo(store, 'third', `${folder}/${name.replaceAll(/\W/g, '-')}.run.jsonl`);
    for (const isFixed of [true, false]) {
      const giveBack = isFixed ? put() : () => undefined;
      const { report, run } = await replay(reading, path);
      giveBack();
      expect([report.verdict, run.state]).toEqual(['same', state]);
    }
    await engine.close();
    expect(Date).toBe(RealDate);
    expect(Object.getOwnPropertyDescriptor(globalThis, 'Date')?.value).toBe(RealDate);
  });

  it('may come in the middle of a replay', async () => {
    // A whole property that is put there while a node runs is seen before the next one.
    if (name !== 'an assignment') return;
    const store = memoryStore();
    const engine = createEngine(reading, { store });
    await engine.run({}, { runId: 'one' });
    const path = await exportRunTo(store, 'one', `${folder}/middle-${name.replaceAll(/\W/g, '-')}.run.jsonl`);
    await engine.close();
    const replayed = replay(reading, path);
    await new Promise((resolve) => setImmediate(resolve));
    const giveBack = put();
    const { report } = await replayed;
    giveBack();
    expect(report.verdict).toBe('same');
  });
});
