// A client like those of an OAuth provider: it asks for a token, keeps it while it is valid, sends it with each call, and
// reports each call to a collector of telemetry.
import { get, request } from 'node:http';
import { fields, graph, last } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import type { OutsideOption } from '../../src/journal/http/outside-endpoints.ts';

export type Send = (method: string, url: string, token?: string, body?: string) => Promise<Sent>;
export interface Sent {
  readonly status: number;
  readonly text: string;
}

export const outsideOfTests: readonly OutsideOption[] = [
  { url: 'POST http://localhost/login/token', kind: 'credential', why: 'the login of this test' },
  'POST http://localhost/collect/*',
];

/** `base`: a `fetch` that was taken before interception began goes out through the dispatcher. */
export function sendByFetch(base?: typeof fetch): Send {
  return async (method, url, token, body) => {
    const init = { method, ...headersFor(token), ...(body === undefined ? {} : { body }) };
    const answer = await (base ?? fetch)(url, init);
    return { status: answer.status, text: await answer.text() };
  };
}

export const sendByNodeHttp: Send = (method, url, token, body) =>
  new Promise((resolve, reject) => {
    const sent = (method === 'GET' ? get : request)(url, { method, ...headersFor(token) }, async (message) => {
      const parts = (await message.toArray()) as Buffer[];
      resolve({ status: message.statusCode ?? 0, text: Buffer.concat(parts).toString() });
    });
    sent.on('error', reject);
    sent.end(body);
  });

function headersFor(token: string | undefined): { readonly headers?: Record<string, string> } {
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
}

/** `forget` empties the cache, as a new process does. */
export class TokenClient {
  readonly #send: Send;
  readonly #url: string;
  #token: { readonly value: string; readonly expires: number } | undefined;

  constructor(send: Send, url: string) {
    this.#send = send;
    this.#url = url;
  }

  forget(): void {
    this.#token = undefined;
  }

  /** The token stands in the body too, under a name that says so. */
  async call(path: string): Promise<string> {
    const token = await this.#current();
    const { status, text } = await this.#send(
      'POST',
      `${this.#url}${path}`,
      token,
      JSON.stringify({ access_token: token }),
    );
    if (status !== 200) throw new Error(`the call failed: ${status}`);
    await this.#send('POST', `${this.#url}/collect/spans`, undefined, `called ${path}`);
    return text;
  }

  async #current(): Promise<string> {
    if (this.#token !== undefined && this.#token.expires > Date.now()) return this.#token.value;
    const { text } = await this.#send('POST', `${this.#url}/login/token`, undefined, 'grant_type=client_credentials');
    const { access_token: value, expires_in: seconds, token_type: type } = JSON.parse(text) as Record<string, unknown>;
    if (type !== 'Bearer') throw new Error('that is no bearer token');
    this.#token = { value: String(value), expires: Date.now() + Number(seconds) * 1000 };
    return this.#token.value;
  }
}

export function tokenGraph(client: TokenClient): AnyGraph {
  return graph('with-token', { state: fields({ left: last(''), right: last(''), end: last('') }) })
    .node('first', () => undefined)
    .node('left', async () => ({ delta: { left: await client.call('/api/left') } }))
    .node('right', async () => ({ delta: { right: await client.call('/api/right') } }))
    .node('end', async () => ({ delta: { end: await client.call('/api/end') } }))
    .edge('first', 'left')
    .edge('first', 'right')
    .join(['left', 'right'], 'end')
    .start('first')
    .build();
}
