// One situation, as a client meets it: how often it asks, when it gives up, and what its code sees.
import type { Client, OpenClient } from './client.ts';
import { Sight } from './sight.ts';
import type { Seen } from './sight.ts';
import type { Ask, Situation } from './situations/situation.ts';

export interface Targets {
  readonly url: string;
  readonly closedUrl: string;
  readonly proxyUrl: string;
  readonly socketPath: string;
}

export async function perform(client: OpenClient, situation: Situation, targets: Targets): Promise<readonly Seen[]> {
  const { count, together } = situation.calls ?? { count: 1, together: false };
  const seen: Seen[] = [];
  if (together) return Promise.all(Array.from({ length: count }, () => performOnce(client, situation, targets)));
  for (let call = 0; call < count; call++) seen.push(await performOnce(client, situation, targets));
  return seen;
}

async function performOnce(client: OpenClient, situation: Situation, targets: Targets): Promise<Seen> {
  const sight = new Sight();
  const { abort } = situation;
  const controller = abort === undefined ? undefined : new AbortController();
  const timer = typeof abort === 'number' && abort > 0 ? setTimeout(() => controller?.abort(), abort) : undefined;
  if (abort === 0) controller?.abort();
  const onPart = (): void => {
    if (abort === 'first part') controller?.abort();
  };
  try {
    await client.ask(askFor(situation, targets, controller?.signal, onPart), sight);
    sight.event('fulfilled');
  } catch (error) {
    sight.error(error);
  }
  clearTimeout(timer);
  return sight.end();
}

function askFor(
  { name, ask = {}, target }: Situation,
  { url, closedUrl, proxyUrl, socketPath }: Targets,
  signal: AbortSignal | undefined,
  onPart: () => void,
): Ask {
  return {
    url: `${target === 'closed port' ? closedUrl : url}/~${name}`,
    name,
    method: ask.method ?? 'GET',
    headers: ask.headers ?? {},
    body: ask.body,
    reading: ask.reading ?? 'whole',
    retries: ask.retries ?? 0,
    timeoutMs: ask.timeoutMs,
    signal,
    onPart,
    socketPath: target === 'unix socket' ? socketPath : undefined,
    proxy: target === 'proxy' ? proxyUrl : undefined,
  };
}

/** Why a situation says nothing about a client; `undefined` where it does. */
export function notApplicable({ kind, lacks = {} }: Client, { needs = [], not = {} }: Situation): string | undefined {
  if (not[kind] !== undefined) return not[kind];
  for (const need of needs) if (lacks[need] !== undefined) return lacks[need];
  return undefined;
}
