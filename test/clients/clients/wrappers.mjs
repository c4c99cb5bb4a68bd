// Clients that wrap another one: hooks, interceptors, retries and errors of their own around a request.
import {
  content,
  headersOf,
  noProxy,
  noUnix,
  nodeBody,
  readResponse,
  readStream,
  signalOf,
  webBody,
} from './helpers.mjs';

const plain = { kind: 'http', content, lacks: { unix: noUnix, proxy: noProxy } };
const delayMs = 5;

export const wrappers = [
  {
    ...plain,
    name: 'ky with hooks',
    packages: ['ky'],
    open: async () => {
      const { default: ky } = await import('ky');
      return {
        ask: async (ask, sight) => {
          const response = await ky(ask.url, {
            method: ask.method,
            headers: headersOf(ask),
            body: webBody(ask.body),
            ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
            signal: ask.signal,
            timeout: ask.timeoutMs ?? false,
            retry: { limit: ask.retries, delay: () => delayMs },
            hooks: {
              beforeRequest: [({ request }) => request.headers.set('x-asked-by', 'hook')],
              beforeRetry: [({ retryCount }) => sight.event(`retry ${retryCount}`)],
              afterResponse: [({ response }) => sight.event(`hook ${response.status}`)],
              beforeError: [
                ({ error }) => {
                  sight.event(`error hook ${error.name}`);
                  return error;
                },
              ],
            },
          });
          await readResponse(response, ask, sight);
        },
      };
    },
  },
  {
    ...plain,
    name: 'ofetch',
    packages: ['ofetch'],
    open: async () => {
      const { ofetch } = await import('ofetch');
      return {
        ask: async (ask, sight) => {
          const response = await ofetch.raw(ask.url, {
            method: ask.method,
            headers: headersOf(ask),
            body: webBody(ask.body),
            ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
            signal: ask.signal,
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
            retry: ask.retries,
            retryDelay: delayMs,
            responseType: ask.reading === 'parts' ? 'stream' : 'arrayBuffer',
            onRequest: () => sight.event('asks'),
            onResponseError: ({ response: { status } }) => sight.event(`refused ${status}`),
          });
          const { status, ok, redirected, headers, _data: data } = response;
          sight.head({ status, ok, redirected, headers: [...headers] });
          if (ask.reading === 'parts' && data !== undefined) await readStream(data, ask, sight);
          else sight.body(new Uint8Array(data ?? new ArrayBuffer(0)));
        },
      };
    },
  },
  {
    ...plain,
    name: 'wretch with retries',
    packages: ['wretch'],
    open: async () => {
      const { default: wretch } = await import('wretch');
      const { retry } = await import('wretch/middlewares');
      return {
        ask: async (ask, sight) => {
          const retries = retry({
            maxAttempts: ask.retries,
            delayTimer: delayMs,
            retryOnNetworkError: true,
            onRetry: () => sight.event('retry'),
          });
          const response = await wretch(ask.url)
            .middlewares(ask.retries === 0 ? [] : [retries])
            .options({
              signal: signalOf(ask),
              ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
            })
            .headers(headersOf(ask))
            .body(webBody(ask.body))
            .fetch(ask.method)
            .res();
          await readResponse(response, ask, sight);
        },
      };
    },
  },
  {
    kind: 'http',
    content,
    name: 'undici 8 request, composed',
    packages: ['undici8'],
    lacks: { proxy: 'as undici fetch with own agents', unix: 'as undici request', form: 'as undici request' },
    open: async () => {
      const { Agent, interceptors, request } = await import('undici8');
      const agent = new Agent();
      const agents = new Map();
      const agentFor = (retries) => {
        if (!agents.has(retries))
          agents.set(
            retries,
            agent.compose(
              interceptors.decompress(),
              interceptors.redirect({ maxRedirections: 5, throwOnMaxRedirect: true }),
              interceptors.retry({ maxRetries: retries, minTimeout: delayMs, maxTimeout: delayMs, retryAfter: false }),
            ),
          );
        return agents.get(retries);
      };
      return {
        ask: async (ask, sight) => {
          const answer = await request(ask.url, {
            method: ask.method,
            headers: headersOf(ask),
            body: nodeBody(ask.body) ?? null,
            signal: ask.signal,
            ...(ask.timeoutMs === undefined ? {} : { headersTimeout: ask.timeoutMs, bodyTimeout: ask.timeoutMs }),
            dispatcher: agentFor(ask.retries),
          });
          const { statusCode, headers, context } = answer;
          sight.head({ status: statusCode, headers, history: context?.history?.map(({ pathname }) => pathname) });
          await readStream(answer.body, ask, sight);
          sight.trailers(answer.trailers);
        },
      };
    },
  },
  {
    kind: 'http',
    content,
    name: 'undici 8 pipeline',
    packages: ['undici8'],
    lacks: {
      redirects: 'it follows none',
      proxy: 'as undici fetch with own agents',
      unix: 'as undici request',
      form: 'it takes no forms',
      body: 'whether a short body is sent by length or in chunks depends on when a connection is free',
    },
    open: async () => {
      const { pipeline } = await import('undici8');
      const { Readable } = await import('node:stream');
      return {
        ask: async (ask, sight) => {
          const duplex = pipeline(
            ask.url,
            {
              method: ask.method,
              headers: headersOf(ask),
              signal: ask.signal,
              ...(ask.timeoutMs === undefined ? {} : { headersTimeout: ask.timeoutMs, bodyTimeout: ask.timeoutMs }),
            },
            ({ statusCode, headers, body }) => {
              sight.head({ status: statusCode, headers });
              return body;
            },
          );
          Readable.from([nodeBody(ask.body) ?? []].flat()).pipe(duplex);
          await readStream(duplex, ask, sight);
        },
      };
    },
  },
  {
    kind: 'http',
    content,
    name: 'urllib',
    packages: ['urllib'],
    lacks: {
      proxy: 'as undici fetch with own agents',
      form: 'it makes forms of files of its own',
    },
    open: async () => {
      const { HttpClient } = await import('urllib');
      const client = new HttpClient();
      return {
        ask: async (ask, sight) => {
          const { status, statusText, headers, data, res } = await client.request(ask.url, {
            method: ask.method,
            headers: headersOf(ask),
            ...(ask.body === undefined ? {} : { content: nodeBody(ask.body) }),
            ...(ask.signal === undefined ? {} : { signal: ask.signal }),
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
            ...(ask.socketPath === undefined ? {} : { socketPath: ask.socketPath }),
            ...(ask.reading === 'parts' ? { dataType: 'stream' } : {}),
            retry: ask.retries,
            retryDelay: delayMs,
            followRedirect: true,
            compressed: true,
          });
          sight.head({ status, statusText, headers, requestUrls: res.requestUrls.map((url) => new URL(url).pathname) });
          if (ask.reading === 'parts') await readStream(res, ask, sight);
          else sight.body(data ?? Buffer.alloc(0));
        },
      };
    },
  },
  {
    ...plain,
    name: 'gaxios',
    packages: ['gaxios'],
    open: async () => {
      const { Gaxios } = await import('gaxios');
      const client = new Gaxios();
      return {
        ask: async (ask, sight) => {
          const { status, statusText, headers, data } = await client.request({
            url: ask.url,
            method: ask.method,
            headers: headersOf(ask),
            ...(ask.body === undefined ? {} : { data: ask.body.kind === 'text' ? ask.body.text : webBody(ask.body) }),
            ...(ask.body?.kind === 'stream' ? { duplex: 'half' } : {}),
            ...(ask.signal === undefined ? {} : { signal: ask.signal }),
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
            responseType: ask.reading === 'parts' ? 'stream' : 'arraybuffer',
            retryConfig: {
              retry: ask.retries,
              noResponseRetries: ask.retries,
              retryDelay: delayMs,
              retryBackoff: (_error, ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, delayMs))),
            },
          });
          sight.head({ status, statusText, headers: [...headers] });
          if (ask.reading === 'parts') await readStream(data, ask, sight);
          else sight.body(new Uint8Array(data));
        },
      };
    },
  },
  {
    kind: 'http',
    content,
    name: '@hapi/wreck',
    packages: ['@hapi/wreck'],
    lacks: { proxy: 'it takes no proxy, except by an agent of the caller', form: 'it makes no forms' },
    open: async () => {
      const { default: Wreck } = await import('@hapi/wreck');
      return {
        ask: async (ask, sight) => {
          const asked = Wreck.request(ask.method, ask.url, {
            headers: headersOf(ask),
            ...(ask.body === undefined ? {} : { payload: nodeBody(ask.body) }),
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
            ...(ask.socketPath === undefined ? {} : { socketPath: ask.socketPath }),
            redirects: 5,
            redirected: (status) => sight.event(`redirected ${status}`),
          });
          if (ask.signal?.aborted === true) asked.req.destroy(ask.signal.reason);
          ask.signal?.addEventListener('abort', () => asked.req.destroy(ask.signal.reason), { once: true });
          const answer = await asked;
          sight.head({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders });
          if (ask.reading === 'parts') await readStream(answer, ask, sight);
          else sight.body(await Wreck.read(answer, { gunzip: true }));
          sight.trailers(answer.trailers);
        },
      };
    },
  },
];
