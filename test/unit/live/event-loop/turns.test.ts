import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { inLaterTurn, isTurnOver } from '../../../../src/live/event-loop/turns.ts';

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does something once it is let go; gives the number of the turn in which that was. */
async function turnsOf(count: number, workMs: number): Promise<readonly number[]> {
  let turn = 0;
  let isDone = false;
  const given: number[] = [];
  const waiting = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve) => {
        inLaterTurn(() => {
          given.push(turn);
          work(workMs);
          resolve();
        });
      }),
  );
  void (async () => {
    while (!isDone) {
      await nextTurn();
      turn += 1;
    }
  })();
  await Promise.all(waiting);
  isDone = true;
  return given;
}

it('A turn is over once it has lasted ten milliseconds, and the next one is not', async () => {
  await nextTurn();
  await nextTurn();
  expect(isTurnOver()).toBe(false);
  work(11);
  expect(isTurnOver()).toBe(true);
  await nextTurn();
  await nextTurn();
  expect(isTurnOver()).toBe(false);
});

it('Those who wait share a turn only as long as it lasts', async () => {
  const given = await turnsOf(6, 6);
  for (const turn of new Set(given)) expect(given.filter((other) => other === turn).length).toBeLessThanOrEqual(2);
});

it('Those who wait are let go in their order, each with what follows from it', async () => {
  const told: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map(
      (name) =>
        new Promise<void>((resolve) => {
          inLaterTurn(async () => {
            told.push(name);
            await Promise.resolve();
            await Promise.resolve();
            told.push(`after ${name}`);
            resolve();
          });
        }),
    ),
  );
  expect(told).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c']);
});

it('A turn is over for others while some wait', async () => {
  await nextTurn();
  const waited = new Promise<void>((resolve) => inLaterTurn(resolve));
  expect(isTurnOver()).toBe(true);
  await waited;
});

it('What is called later keeps the asynchronous context of its caller', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen = await Promise.all(
    ['a', 'b'].map((name) =>
      context.run(name, () => new Promise((resolve) => inLaterTurn(() => resolve(context.getStore())))),
    ),
  );
  expect(seen).toEqual(['a', 'b']);
});
