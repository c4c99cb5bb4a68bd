import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { watchWork } from '../../../../src/live/event-loop/node-work.ts';
import { Settling } from '../../../../src/live/event-loop/settling.ts';

const outside = new AsyncLocalStorage<string>();

async function microtasks(count: number, then: () => void): Promise<void> {
  for (let left = count; left > 0; left -= 1) await undefined;
  then();
}

it('calls back once for all that ask, when no microtask is left, in the context of its maker', async () => {
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const settling = outside.run('maker', () => {
      return new Settling(() => {
        told.push(`settled in ${outside.getStore()}`);
        if (told.length > 3) resolve();
        else outside.run('callback', () => ask());
      });
    });
    const ask = (): void => {
      void microtasks(50, () => void told.push('microtask'));
      settling.ask();
      settling.ask();
    };
    outside.run('first', () => ask());
  });
  expect(told).toEqual(['microtask', 'settled in maker', 'microtask', 'settled in maker']);
});

it('calls back after the microtasks of ticks that were asked for before, and of those that follow', async () => {
  const stop = watchWork();
  const told: string[] = [];
  const tick = (left: number): void => {
    void microtasks(20, () => {
      told.push(`after tick ${left}`);
      if (left > 0) process.nextTick(tick, left - 1);
    });
  };
  await new Promise<void>((resolve) => {
    const settling = new Settling(() => {
      told.push('settled');
      resolve();
    });
    // In a microtask, as what follows from an answer: its ticks are asked for first.
    void Promise.resolve().then(() => {
      process.nextTick(tick, 2);
      settling.ask();
    });
  });
  stop();
  expect(told).toEqual(['after tick 2', 'after tick 1', 'after tick 0', 'settled']);
});
