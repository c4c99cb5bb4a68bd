// A request of node:http that never gets a socket: what is written to it stays in its output buffer.
import { Agent, ClientRequest } from 'node:http';
import type { RequestOptions } from 'node:http';

class NoSockets extends Agent {
  addRequest(): void {
    // Asked for a socket, it gives none.
  }
}

export function unsentRequest(options: RequestOptions = {}): ClientRequest {
  return new (ClientRequest as unknown as new (options: RequestOptions) => ClientRequest)({
    host: 'api.test',
    method: 'POST',
    path: '/v1',
    agent: new NoSockets(),
    ...options,
  });
}

/** What would be sent. */
export function unsentText(request: ClientRequest): string {
  const { outputData } = request as unknown as {
    readonly outputData: readonly { readonly data: string | Buffer }[];
  };
  return outputData.map(({ data }) => String(data)).join('');
}
