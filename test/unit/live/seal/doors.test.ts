// The doors, and what they count, without a server.
import diagnostics from 'node:diagnostics_channel';
import dns from 'node:dns';
import { ClientRequest } from 'node:http';
import net from 'node:net';
import workerThreads from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { putUpDoors } from '../../../../src/live/seal/doors.ts';
import { sealProcess } from '../../../../src/live/seal/process-seal.ts';
import type { OutsideCall, Seal } from '../../../../src/port/seal.ts';
import { RecordedAttempt } from '../../../support/recorded-attempt.ts';

class KeptSeal implements Seal {
  readonly refused: OutsideCall[] = [];
  readonly sent: OutsideCall[] = [];
  refuse(call: OutsideCall): Error {
    this.refused.push(call);
    return new Error(call.what);
  }
  threw(): void {
    throw new Error('nothing throws here');
  }
  left(call: OutsideCall): void {
    this.sent.push(call);
  }
  answeredOutside(): void {
    // None of these requests is outside of a run.
  }
}

class SealedAttempt extends RecordedAttempt {
  readonly seal = new KeptSeal();
}

describe('the doors', () => {
  it('are taken away when the last one needs them no more', () => {
    const places = (): readonly unknown[] => [
      net.Socket.prototype.connect,
      net.Socket.prototype.write,
      ClientRequest.prototype.onSocket,
      dns.lookup,
      dns.promises.lookup,
      workerThreads.Worker,
      WebSocket.prototype.send,
    ];
    const before = places();
    const [first, second] = [putUpDoors(), putUpDoors()];
    for (const [index, place] of places().entries()) expect(place).not.toBe(before[index]);
    first();
    first();
    for (const [index, place] of places().entries()) expect(place).not.toBe(before[index]);
    second();
    expect(places()).toEqual(before);
  });

  it('stay inside what another has put in their place since', () => {
    const takeAway = putUpDoors();
    const door = net.Socket.prototype.connect;
    const theirs = function (this: net.Socket, ...given: Parameters<typeof door>): net.Socket {
      return door.apply(this, given);
    } as typeof door;
    net.Socket.prototype.connect = theirs;
    takeAway();
    expect(net.Socket.prototype.connect).toBe(theirs);
    const again = putUpDoors();
    again();
    expect(net.Socket.prototype.connect).toBe(theirs);
  });
});

describe('a request of undici', () => {
  const request = (fail: (error: Error) => void): object => ({
    origin: 'http://127.0.0.1:1',
    path: '/x',
    method: 'GET',
    onError: fail,
  });

  it('is failed when it is made, and counted if it is sent all the same', () => {
    const takeAway = putUpDoors();
    try {
      const attempt = new SealedAttempt();
      const failures: string[] = [];
      const made = request((error) => failures.push(error.message));
      attempt.run(() => diagnostics.channel('undici:request:create').publish({ request: made }));
      expect(failures).toEqual(['GET http://127.0.0.1:1/x']);
      expect(attempt.seal.refused).toMatchObject([{ what: 'GET http://127.0.0.1:1/x', at: '1.0#1', node: 'node' }]);
      expect(attempt.seal.sent).toEqual([]);
      diagnostics.channel('undici:client:sendHeaders').publish({ request: made, socket: {} });
      expect(attempt.seal.sent).toMatchObject([{ what: 'GET http://127.0.0.1:1/x', node: 'node' }]);
    } finally {
      takeAway();
    }
  });
});

describe('a sealed process', () => {
  it('refuses what code outside of nodes tries, and leaves live nodes alone', async () => {
    {
      using sealed = sealProcess();
      expect(() => dns.lookup('localhost', () => undefined)).toThrow(/outside of any node/);
      await expect(dns.promises.lookup('localhost')).rejects.toMatchObject({ code: 'effect-refused' });
      const broken = await new Promise((resolve) => net.connect(1, '127.0.0.1').on('error', resolve));
      expect(broken).toMatchObject({ code: 'effect-refused' });
      expect(sealed.refused.map(({ what }) => what)).toEqual([
        'a DNS look-up of localhost',
        'a DNS look-up of localhost',
        'a TCP connection to 127.0.0.1:1',
      ]);
      expect(sealed.refused[0]?.stack).toContain('doors.test.ts');
      const attempt = new RecordedAttempt();
      await attempt.run(() => dns.promises.lookup('localhost'));
      expect(attempt.unrecorded).toEqual([
        expect.stringContaining(
          'a DNS look-up of localhost is not recorded: this run may not replay; wrap it in `context.effect`',
        ),
      ]);
      expect(sealed.refused).toHaveLength(3);
    }
    await dns.promises.lookup('localhost');
  });
});
