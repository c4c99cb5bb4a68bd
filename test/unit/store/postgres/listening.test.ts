// The connection over which a store listens, and a server that ends in the moment in which it lets the client in.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { givenPool } from '../../../../src/store/postgres/server/pool.ts';

class Client extends EventEmitter {
  readonly released: unknown[] = [];
  isBroken = false;

  async query(): Promise<{ readonly rows: readonly unknown[] }> {
    if (this.isBroken) throw new Error('the connection is broken');
    return { rows: [] };
  }

  release(isBroken: unknown): void {
    this.released.push(isBroken);
  }

  /** As pg does: where nobody hears of it, this throws, and nobody catches that. */
  break(): void {
    this.isBroken = true;
    this.emit('error', new Error('terminating connection'));
  }
}

type Got = (thrown: unknown, client: unknown) => void;

function poolOf(connect: (got: Got) => unknown) {
  const pool = { totalCount: 0, connect, query: async () => ({ rows: [] }) };
  return givenPool(pool as never);
}

async function listening(connect: (client: Client, got: Got) => unknown) {
  const client = new Client();
  let lostCount = 0;
  const { listen } = poolOf((got) => connect(client, got));
  const stop = await listen?.(
    { name: 'channel', quoted: '"channel"' },
    () => undefined,
    () => (lostCount += 1),
  ).catch(() => 'refused' as const);
  return { client, stop, lost: () => lostCount };
}

describe('a store listens', () => {
  it('and hears at once of a server that ends while it lets the client in', async () => {
    const { client, stop, lost } = await listening((given, got) => {
      got(undefined, given);
      given.break();
    });
    expect(stop).toBe('refused');
    expect([lost(), client.released]).toEqual([1, [true]]);
  });

  it.each([
    ['calls back', (client: Client, got: Got) => got(undefined, client)],
    ['knows only promises', (client: Client) => Promise.resolve(client)],
  ])('over a pool that %s, and hears once of what ends it later', async (_name, connect) => {
    const { client, stop, lost } = await listening(connect);
    expect(stop).toBeTypeOf('function');
    client.break();
    client.emit('end');
    expect([lost(), client.released]).toEqual([1, [true]]);
    if (typeof stop === 'function') stop();
    expect(client.released).toEqual([true]);
  });

  it('until it stops', async () => {
    const { client, stop, lost } = await listening((given, got) => got(undefined, given));
    if (typeof stop === 'function') stop();
    client.break();
    expect([lost(), client.released]).toEqual([0, [true]]);
  });

  it('not where the pool gives no connection', async () => {
    const { stop } = await listening((_client, got) => got(new Error('too many'), undefined));
    expect(stop).toBe('refused');
  });
});
