import type { SentRequest } from '../../options/http-options.ts';

/**
 * The Unix socket of an undici agent or pool (`new Agent({ connect: { socketPath } })`), which keeps its options under a
 * symbol. Where it keeps them differently the address of the request counts alone.
 */
export function dispatcherSocket(dispatcher: unknown): Pick<SentRequest, 'socketPath'> {
  if (typeof dispatcher !== 'object' || dispatcher === null) return {};
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options');
  if (key === undefined) return {};
  const { connect } = ((dispatcher as Record<symbol, unknown>)[key] ?? {}) as { readonly connect?: unknown };
  const { socketPath } = (connect ?? {}) as { readonly socketPath?: unknown };
  return typeof socketPath === 'string' && socketPath !== '' ? { socketPath } : {};
}
