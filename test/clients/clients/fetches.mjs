// `fetch` in all its forms.
import {
  content,
  headersOf,
  noProxy,
  noUnix,
  readResponse,
  readStream,
  signalOf,
  webBody,
  nodeBody,
} from './helpers.mjs';

const asks =
  (fetchOf, more = {}, Form = undefined) =>
  async (ask, sight) => {
    const response = await fetchOf(ask.url, {
      method: ask.method,
      headers: headersOf(ask),
      body: webBody(ask.body, Form),
      signal: signalOf(ask),
      ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
      ...more,
    });
    await readResponse(response, ask, sight);
  };

const plain = { kind: 'http', content, lacks: { unix: noUnix, proxy: noProxy } };

const undiciFetch = (version) => ({
  ...plain,
  name: `undici ${version} fetch`,
  packages: [`undici${version}`],
  open: async () => {
    const { fetch, FormData } = await import(`undici${version}`);
    return { ask: asks(fetch, {}, FormData) };
  },
});

const undiciAgent = (version) => ({
  kind: 'http',
  content,
  name: `undici ${version} fetch, own agents`,
  packages: [`undici${version}`],
  open: async () => {
    const { fetch, FormData, Agent, ProxyAgent } = await import(`undici${version}`);
    const agent = new Agent({ connections: 4 });
    const agents = new Map();
    const agentFor = (key, make) => {
      if (!agents.has(key)) agents.set(key, make());
      return agents.get(key);
    };
    return {
      ask: (ask, sight) => {
        const dispatcher =
          ask.socketPath !== undefined
            ? agentFor(ask.socketPath, () => new Agent({ connect: { socketPath: ask.socketPath } }))
            : ask.proxy !== undefined
              ? agentFor(ask.proxy, () => new ProxyAgent(ask.proxy))
              : agent;
        return asks(fetch, { dispatcher }, FormData)(ask, sight);
      },
    };
  },
});

const undiciRequest = (version) => ({
  kind: 'http',
  content,
  name: `undici ${version} request`,
  packages: [`undici${version}`],
  lacks: {
    redirects: 'it follows none',
    proxy: 'as undici fetch with own agents',
    form: version === 6 ? 'it takes no forms' : undefined,
  },
  open: async () => {
    const { request, Agent, FormData } = await import(`undici${version}`);
    const sockets = new Map();
    return {
      ask: async (ask, sight) => {
        const { socketPath } = ask;
        if (socketPath !== undefined && !sockets.has(socketPath))
          sockets.set(socketPath, new Agent({ connect: { socketPath } }));
        const answer = await request(ask.url, {
          method: ask.method,
          headers: headersOf(ask),
          body: ask.body?.kind === 'form' ? webBody(ask.body, FormData) : (nodeBody(ask.body) ?? null),
          signal: ask.signal,
          ...(ask.timeoutMs === undefined ? {} : { headersTimeout: ask.timeoutMs, bodyTimeout: ask.timeoutMs }),
          ...(socketPath === undefined ? {} : { dispatcher: sockets.get(socketPath) }),
        });
        sight.head({ status: answer.statusCode, headers: answer.headers, context: Object.keys(answer.context ?? {}) });
        await readStream(answer.body, ask, sight);
        sight.trailers(answer.trailers);
      },
    };
  },
});

const undiciStream = (version) => ({
  kind: 'http',
  content,
  name: `undici ${version} stream, own pool`,
  packages: [`undici${version}`],
  lacks: {
    redirects: 'it follows none',
    proxy: 'as undici fetch with own agents',
    unix: 'as undici request',
    form: 'it takes no forms',
  },
  open: async () => {
    const { Agent } = await import(`undici${version}`);
    const { Writable } = await import('node:stream');
    const agent = new Agent();
    return {
      ask: async (ask, sight) => {
        const parts = [];
        const url = new URL(ask.url);
        await agent.stream(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method: ask.method,
            headers: headersOf(ask),
            body: nodeBody(ask.body) ?? null,
            signal: ask.signal,
            ...(ask.timeoutMs === undefined ? {} : { headersTimeout: ask.timeoutMs, bodyTimeout: ask.timeoutMs }),
          },
          ({ statusCode, headers }) => {
            sight.head({ status: statusCode, headers });
            return new Writable({
              write(part, _encoding, done) {
                if (ask.reading === 'parts') sight.part(part);
                else parts.push(part);
                ask.onPart();
                done();
              },
            });
          },
        );
        if (ask.reading === 'whole') sight.body(Buffer.concat(parts));
      },
    };
  },
});

export const fetches = [
  {
    ...plain,
    name: 'fetch',
    packages: [],
    open: async () => ({ ask: asks((...given) => fetch(...given)) }),
  },
  {
    ...plain,
    name: 'fetch, kept before',
    packages: [],
    open: async () => {
      const kept = globalThis.fetch;
      return { ask: asks(kept) };
    },
  },
  ...[6, 7, 8].flatMap((version) => [
    undiciFetch(version),
    undiciAgent(version),
    undiciRequest(version),
    undiciStream(version),
  ]),
  {
    ...plain,
    name: 'ky',
    packages: ['ky'],
    open: async () => {
      const { default: ky } = await import('ky');
      return {
        ask: async (ask, sight) => {
          const { url, timeoutMs, retries, signal } = ask;
          const response = await ky(url, {
            method: ask.method,
            headers: headersOf(ask),
            body: webBody(ask.body),
            ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
            signal,
            timeout: timeoutMs ?? false,
            retry: { limit: retries, delay: () => 5 },
          });
          await readResponse(response, ask, sight);
        },
      };
    },
  },
];
