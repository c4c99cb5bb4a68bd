import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

interface Account {
  readonly effects: Record<string, (request: never) => unknown>;
  balance: number;
}

function account(): Account {
  const self: Account = {
    balance: 100,
    effects: {
      read: () => self.balance,
      write: ({ balance }: { balance: number }) => {
        self.balance = balance;
        return 'written';
      },
    },
  };
  return self;
}

export const plant: Plant = {
  title: 'a balance outside is read and written by two effects',
  rung: 'pairs',
  depth: 1,
  outside: account,
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      async work({ id, effect, ask }) {
        await ask('wait');
        const balance = await effect('read', { id }, () => 0);
        // Only one task of the two can be the last one of its own.
        if (id === 'b' && balance === 100) return 'b began with the full balance';
        await effect('write', { id, balance: balance - 10 }, () => 'never');
        return id;
      },
    }),
};
