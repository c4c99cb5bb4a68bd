// The door of node:http2. A session writes its frames below `net.Socket`, so what it sends is seen at its requests and at
// the streams of their bodies. What a session sends by itself (acknowledgements, pings) is no request and passes.
import http2 from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { Duplex } from 'node:stream';
import { currentAttempt } from '../../../port/attempt.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { isProcessWatched, refusalOf } from '../outside-rules.ts';
import type { Leaving } from '../outside-rules.ts';
import { byteCount, hostOf } from '../target-text.ts';

interface Http2Stream {
  readonly session?: ClientHttp2Session | undefined;
}

/** The same as long as this process lives. */
let found: ReturnType<typeof prototypes> | undefined;

export function openHttp2Doors(): OutsideDoor {
  found ??= prototypes();
  const { session, stream } = found;
  return allOf([requestDoor(session), bodyDoor(stream, 'write'), bodyDoor(stream, 'end')]);
}

/** Node exports neither class: a session over a wire that leads nowhere shows both. */
function prototypes(): { readonly session: object; readonly stream: object } {
  const wire = new Duplex({ read: () => undefined, write: (_chunk, _encoding, written) => written() });
  const session = http2.connect('http://localhost', { createConnection: () => wire });
  const stream = session.request({ ':path': '/' });
  session.on('error', () => undefined);
  stream.on('error', () => undefined);
  stream.destroy();
  session.destroy();
  return { session: Object.getPrototypeOf(session), stream: Object.getPrototypeOf(stream) };
}

function requestDoor(session: object): OutsideDoor {
  return replace(session, 'request', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const [headers] = given as [Readonly<Record<string, unknown>> | undefined];
      const origin = originOf(this as ClientHttp2Session);
      const what = (): string => `${headers?.[':method'] ?? 'GET'} ${origin}${headers?.[':path'] ?? '/'} over HTTP/2`;
      return pass(original, this, given, { what, host: () => hostOf(origin), bytes: 0 }, door);
    };
    return door;
  });
}

function bodyDoor(stream: object, name: 'write' | 'end'): OutsideDoor {
  return replace(stream, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const bytes = byteCount(given[0], given[1]);
      if (bytes === 0) return original.apply(this, given);
      const { session } = this as Http2Stream;
      const origin = session === undefined ? 'a closed session' : originOf(session);
      const what = (): string => `a write to ${origin} over an open HTTP/2 stream`;
      return pass(original, this, given, { what, host: () => hostOf(origin), bytes }, door);
    };
    return door;
  });
}

/** @throws the error with which the call is refused */
function pass(original: AnyMethod, self: unknown, given: unknown[], leaving: Leaving, door: AnyMethod): unknown {
  if (currentAttempt.getStore() !== undefined || isProcessWatched()) {
    const refusal = refusalOf(leaving, door);
    if (refusal !== undefined) throw refusal;
  }
  return original.apply(self, given);
}

function originOf({ originSet, socket }: ClientHttp2Session): string {
  const [origin] = originSet ?? [];
  if (origin !== undefined) return origin;
  // A session without TLS knows no origin, and one that is being closed has no socket.
  const { remoteAddress, remotePort } = (socket as typeof socket | undefined) ?? {};
  return remoteAddress === undefined ? 'an HTTP/2 server' : `http://${remoteAddress}:${remotePort}`;
}
