import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AwaitedSocket } from '../../../../../src/live/http/node/awaited-socket.ts';

type Given = readonly [Duplex | undefined, Error | undefined];

function awaited(): { readonly socket: AwaitedSocket; readonly given: Given[] } {
  const given: Given[] = [];
  return { socket: new AwaitedSocket((arrived, error) => given.push([arrived, error])), given };
}

describe('an awaited socket', () => {
  it('is withheld until its request may be sent', () => {
    const { socket, given } = awaited();
    const arrived = new PassThrough();
    socket.arrive(arrived, undefined);
    expect(given).toEqual([]);
    socket.accept();
    expect(given).toEqual([[arrived, undefined]]);
    expect(arrived.listenerCount('error')).toBe(0);
  });

  it('is given at once if its request may be sent already', () => {
    const { socket, given } = awaited();
    socket.accept();
    const error = new Error('refused');
    socket.arrive(undefined, error);
    expect(given).toEqual([[undefined, error]]);
  });

  it('brings the error that it had meanwhile', () => {
    const { socket, given } = awaited();
    const arrived = new PassThrough();
    socket.arrive(arrived, undefined);
    const error = new Error('reset');
    arrived.emit('error', error);
    socket.accept();
    expect(given).toEqual([[arrived, error]]);
  });

  it.each(['before', 'after'])('is closed where its request is refused %s it arrives', (when) => {
    const { socket, given } = awaited();
    const arrived = new PassThrough();
    if (when === 'before') socket.refuse();
    socket.arrive(arrived, undefined);
    if (when === 'after') socket.refuse();
    expect(arrived.destroyed).toBe(true);
    expect(given).toEqual([]);
  });
});
