import type { SentRequest } from '../../options/http-options.ts';

/**
 * The Unix socket of an undici agent or pool (`new Agent({ connect: { socketPath } })`), which keeps its options under a
 * symbol. Where it keeps them differently the address of the request counts alone.
 */
export function dispatcherSocket(dispatcher: unknown): Socket {
  if (typeof dispatcher !== 'object' || dispatcher === null) return none;
  let socket = known.get(dispatcher);
  if (socket === undefined) {
    socket = socketOf(dispatcher);
    known.set(dispatcher, socket);
  }
  return socket;
}

type Socket = Pick<SentRequest, 'socketPath'>;
const none: Socket = Object.freeze({});

/** A dispatcher keeps the options that it was made with. */
const known = new WeakMap<object, Socket>();

function socketOf(dispatcher: object): Socket {
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options');
  if (key === undefined) return none;
  const { connect } = ((dispatcher as Record<symbol, unknown>)[key] ?? {}) as { readonly connect?: unknown };
  const { socketPath } = (connect ?? {}) as { readonly socketPath?: unknown };
  return typeof socketPath === 'string' && socketPath !== '' ? { socketPath } : none;
}
