// Sees every request of undici, of Node's own copy and of any version of the package, when it is made and where. What is
// recorded on its way (`fetch`, dispatchers) is made inside its exchange. The rest has a dispatcher of a copy in a bundle,
// which cannot be reached from here: it goes out unaltered and is noted.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { described } from '../options/request-messages.ts';
import type { Askers, Starting } from '../options/asker.ts';

const createChannel = 'undici:request:create';

interface CreatedRequest {
  readonly origin?: unknown;
  readonly path?: unknown;
  readonly method?: unknown;
}

export function watchUndici(askers: Askers): () => void {
  const created = (message: unknown): void => {
    const { request } = message as { readonly request: CreatedRequest };
    const starting: Starting = () => ({ method: String(request.method), url: urlOf(request) });
    const asker = askers.who(starting);
    if (asker === undefined) askers.noteNobodys(() => hostOf(request), starting);
    // A replay cannot answer it: without its answer telemetry is lost, and a credential request fails.
    else if (asker.passes !== 'telemetry')
      asker.attempt.noteUnrecorded(`${nameOf(request)}: undici sends it through a dispatcher of its own`);
  };
  subscribe(createChannel, created);
  return () => unsubscribe(createChannel, created);
}

function hostOf({ origin }: CreatedRequest): string {
  return URL.canParse(String(origin)) ? new URL(String(origin)).host : String(origin);
}

function urlOf({ origin, path }: CreatedRequest): string {
  return `${String(origin)}${String(path)}`;
}

function nameOf(request: CreatedRequest): string {
  const { method } = request;
  const url = urlOf(request);
  return URL.canParse(url) ? described({ method: String(method), url }) : `${String(method)} ${hostOf(request)}`;
}
