// Doors of clients that keep a queue of their own: what they write for a node, they may write in the context of another, and
// what they write cannot be taken from them without harm. So they are asked before they queue it.
import { currentAttempt } from '../../../port/attempt.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { refusalOf } from '../outside-rules.ts';
import { prototypesIn } from '../loaded-packages.ts';

interface PackageDoor {
  readonly file: RegExp;
  readonly methods: readonly string[];
  readonly what: string;
  readonly host: (self: Client) => string;
  /** How the method tells its caller of an error. */
  readonly fails: 'by throwing' | 'by callback or promise';
}

/** The fields that name the other end. */
interface Client {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly options?: { readonly host?: unknown; readonly port?: unknown };
  readonly _socket?: { readonly remoteAddress?: string; readonly remotePort?: number } | null;
}

const doors: readonly PackageDoor[] = [
  {
    file: /[\\/]ws[\\/]lib[\\/]websocket\.js$/,
    methods: ['send'],
    what: 'a message over an open WebSocket',
    host: ({ _socket: socket }) => `${socket?.remoteAddress}:${socket?.remotePort}`,
    fails: 'by throwing',
  },
  {
    file: /[\\/]pg[\\/]lib[\\/]client\.js$/,
    methods: ['query'],
    what: 'a query by pg',
    host: ({ host, port }) => `${host}:${port}`,
    fails: 'by callback or promise',
  },
  {
    file: /[\\/]pg-pool[\\/]index\.js$/,
    methods: ['query', 'connect'],
    what: 'a query by pg',
    host: ({ options }) => `${options?.host}:${options?.port}`,
    fails: 'by callback or promise',
  },
];

export class PackageDoors {
  readonly #open = new Map<object, OutsideDoor>();

  /** Puts doors before what has been loaded since. */
  find(): void {
    for (const door of doors) {
      for (const prototype of prototypesIn(door.file)) {
        if (this.#open.has(prototype)) continue;
        this.#open.set(prototype, allOf(door.methods.map((name) => doorOf(prototype, name, door))));
      }
    }
  }

  release(): void {
    allOf([...this.#open.values()])();
  }
}

function doorOf(prototype: object, name: string, { what, host, fails }: PackageDoor): OutsideDoor {
  return replace(prototype, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      // Outside of nodes the door of the socket is enough.
      if (currentAttempt.getStore() === undefined) return original.apply(this, given);
      const refusal = refusalOf({ what: () => what, host: () => host(this as Client) }, door);
      if (refusal === undefined) return original.apply(this, given);
      if (fails === 'by throwing') throw refusal;
      const called = given.find((item) => typeof item === 'function') as ((error: Error) => void) | undefined;
      if (called === undefined) return Promise.reject(refusal);
      process.nextTick(called, refusal);
      return undefined;
    };
    return door;
  });
}
