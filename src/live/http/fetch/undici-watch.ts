// Sees every request of undici, of Node's own copy and of any version of the package, when it is made and where. What is
// recorded on its way (`fetch`, the global dispatcher) is made inside its exchange. The rest has a dispatcher of its own,
// which cannot be reached from here: it goes out unaltered and is noted.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { described } from '../exchange.ts';
import type { Askers } from '../asker.ts';

const createChannel = 'undici:request:create';

interface CreatedRequest {
  readonly origin?: unknown;
  readonly path?: unknown;
  readonly method?: unknown;
}

export function watchUndici(askers: Askers): () => void {
  const created = (message: unknown): void => {
    const { request } = message as { readonly request: CreatedRequest };
    const asker = askers.who();
    if (asker === undefined) askers.noteNobodys(() => hostOf(request));
    else asker.attempt.noteUnrecorded(`${nameOf(request)}: undici sends it through a dispatcher of its own`);
  };
  subscribe(createChannel, created);
  return () => unsubscribe(createChannel, created);
}

function hostOf({ origin }: CreatedRequest): string {
  return URL.canParse(String(origin)) ? new URL(String(origin)).host : String(origin);
}

function nameOf({ origin, path, method }: CreatedRequest): string {
  const url = `${String(origin)}${String(path)}`;
  return URL.canParse(url) ? described({ method: String(method), url }) : `${String(method)} ${hostOf({ origin })}`;
}
