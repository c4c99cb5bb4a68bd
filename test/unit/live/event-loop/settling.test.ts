import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
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
