// Clients on `node:http`.
import http from 'node:http';
import { content, headersOf, noProxy, nodeBody, readStream, signalOf } from './helpers.mjs';

const headOf = (message) => ({
  status: message.statusCode,
  statusText: message.statusMessage,
  version: message.httpVersion,
  raw: message.rawHeaders,
  headers: message.headers,
});

/** Reads by events, and tells their order. */
function readMessage(message, ask, sight) {
  return new Promise((resolve, reject) => {
    const parts = [];
    message.on('data', (part) => {
      if (ask.reading === 'parts') sight.part(part);
      else parts.push(part);
      ask.onPart();
    });
    message.on('aborted', () => sight.event('aborted'));
    message.on('end', () => {
      sight.event('end of message');
      if (ask.reading === 'whole') sight.body(Buffer.concat(parts));
      sight.trailers({ trailers: message.trailers, raw: message.rawTrailers });
    });
    message.on('error', (error) => {
      sight.event(`message: ${error.code}`);
      reject(error);
    });
    message.on('close', () => {
      sight.event('close of message');
      resolve();
    });
  });
}

const requests = (request, agentOf) => (ask, sight) =>
  new Promise((resolve, reject) => {
    const { socketPath } = ask;
    const sent = request(ask.url, {
      method: ask.method,
      headers: headersOf(ask),
      signal: ask.signal,
      ...(agentOf === undefined ? {} : { agent: agentOf() }),
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
    });
    sent.on('information', ({ statusCode }) => sight.event(`information ${statusCode}`));
    sent.on('timeout', () => {
      sight.event('timeout');
      sent.destroy(new Error('gave up'));
    });
    sent.on('finish', () => sight.event('sent'));
    sent.on('error', reject);
    sent.on('response', (message) => {
      sight.head(headOf(message));
      readMessage(message, ask, sight).then(resolve, reject);
    });
    if (ask.body?.kind === 'stream') {
      nodeBody(ask.body).pipe(sent);
      return;
    }
    if (ask.headers.expect === '100-continue') {
      sent.on('continue', () => {
        sight.event('continue');
        sent.end(nodeBody(ask.body));
      });
      sent.flushHeaders();
      return;
    }
    sent.end(nodeBody(ask.body));
  });

const noForm = 'it has no forms; those who use it bring form-data';

/** A proxy is asked in absolute form, as the client's own code does it. */
const viaProxy = (ask) => (ask.proxy === undefined ? ask : { ...ask, url: ask.proxy + new URL(ask.url).pathname });

export const nodes = [
  {
    name: 'node:http, new connections',
    packages: [],
    kind: 'http',
    content,
    lacks: { form: noForm, redirects: 'it follows none' },
    open: async () => ({
      ask: (ask, sight) => requests(http.request, () => new http.Agent())(viaProxy(ask), sight),
    }),
  },
  {
    name: 'node:http, keep-alive',
    packages: [],
    kind: 'http',
    content,
    lacks: { form: noForm, redirects: 'it follows none', proxy: 'as with new connections' },
    open: async () => {
      const agent = new http.Agent({ keepAlive: true });
      return { ask: requests(http.request, () => agent) };
    },
  },
  {
    name: 'node:http, default agent, get taken early',
    packages: [],
    kind: 'http',
    content,
    lacks: { form: noForm, redirects: 'it follows none', proxy: 'as with new connections' },
    open: async () => {
      const { request } = http;
      return { ask: requests(request) };
    },
  },
  {
    name: 'follow-redirects',
    packages: ['follow-redirects'],
    kind: 'http',
    content,
    lacks: { form: noForm, proxy: noProxy },
    open: async () => {
      const { default: follow } = await import('follow-redirects');
      return {
        ask: (ask, sight) =>
          requests((url, options) => {
            const { signal, ...rest } = options;
            const sent = follow.http.request(url, rest);
            if (signal?.aborted === true) sent.destroy(signal.reason);
            else signal?.addEventListener('abort', () => sent.destroy(signal.reason));
            return sent;
          })(ask, sight),
      };
    },
  },
  {
    name: 'axios (http adapter)',
    packages: ['axios'],
    kind: 'http',
    content,
    open: async () => {
      const { default: axios } = await import('axios');
      return { ask: axiosAsk(axios.create({ adapter: 'http' }), axios, await formOf()) };
    },
  },
  {
    name: 'axios (fetch adapter)',
    packages: ['axios'],
    kind: 'http',
    content,
    lacks: { unix: 'fetch has no option for a Unix socket', proxy: noProxy },
    open: async () => {
      const { default: axios } = await import('axios');
      return { ask: axiosAsk(axios.create({ adapter: 'fetch' }), axios, () => new FormData()) };
    },
  },
  {
    name: 'axios with retries and interceptors',
    packages: ['axios', 'axios-retry'],
    kind: 'http',
    content,
    open: async () => {
      const { default: axios } = await import('axios');
      const { default: axiosRetry } = await import('axios-retry');
      const client = axios.create();
      client.interceptors.request.use(async (config) => {
        config.headers.set('x-intercepted', 'yes');
        return config;
      });
      axiosRetry(client, {
        retries: 2,
        retryCondition: ({ response }) => response?.status === 429 || (response?.status ?? 0) >= 500,
        retryDelay: () => 5,
      });
      return { ask: axiosAsk(client, axios, await formOf()) };
    },
  },
  {
    name: 'got',
    packages: ['got'],
    kind: 'http',
    content,
    lacks: { proxy: noProxy },
    open: async () => {
      const { default: got } = await import('got');
      return {
        ask: async (ask, sight) => {
          const url = ask.socketPath === undefined ? ask.url : `unix:${ask.socketPath}:${new URL(ask.url).pathname}`;
          const options = {
            method: ask.method,
            headers: headersOf(ask),
            signal: ask.signal,
            enableUnixSockets: ask.socketPath !== undefined,
            retry: {
              limit: ask.retries,
              methods: ['GET', 'POST'],
              calculateDelay: ({ computedValue }) => (computedValue > 0 ? 5 : 0),
            },
            ...(ask.body?.kind === 'form'
              ? { body: webForm(ask.body) }
              : ask.body === undefined
                ? {}
                : { body: nodeBody(ask.body) }),
            ...(ask.timeoutMs === undefined ? {} : { timeout: { request: ask.timeoutMs } }),
          };
          if (ask.reading === 'parts') {
            const stream = got.stream(url, options);
            stream.on('response', (response) => sight.head(headOf(response)));
            await readStream(stream, ask, sight);
            return;
          }
          const response = await got(url, { ...options, responseType: 'buffer' });
          sight.head({ ...headOf(response), retries: response.retryCount, path: new URL(response.url).pathname });
          sight.trailers(response.trailers);
          sight.body(response.rawBody);
        },
      };
    },
  },
  ...[2, 3].map((version) => ({
    name: `node-fetch ${version}`,
    packages: [`node-fetch${version}`],
    kind: 'http',
    content,
    lacks: { proxy: noProxy, unix: 'as node:http, by an agent' },
    open: async () => {
      const { default: nodeFetch } = await import(`node-fetch${version}`);
      const newForm = await formOf();
      const agent = new http.Agent({ keepAlive: true });
      return {
        ask: async (ask, sight) => {
          const response = await nodeFetch(ask.url, {
            method: ask.method,
            headers: headersOf(ask),
            body: ask.body?.kind === 'form' ? formData(ask.body, newForm) : nodeBody(ask.body),
            signal: version === 2 ? ask.signal : signalOf(ask),
            agent,
            ...(version === 2 && ask.timeoutMs !== undefined ? { timeout: ask.timeoutMs } : {}),
          });
          const { status, statusText, ok, redirected, headers } = response;
          sight.head({
            status,
            statusText,
            ok,
            redirected,
            headers: [...headers],
            path: new URL(response.url).pathname,
          });
          if (ask.reading === 'parts') await readStream(response.body, ask, sight);
          else sight.body(Buffer.from(await response.arrayBuffer()));
        },
      };
    },
  })),
  {
    name: 'superagent',
    packages: ['superagent'],
    kind: 'http',
    content,
    lacks: {
      proxy: noProxy,
      'stream down': 'it pipes to a stream and tells no end of a failure',
      signal: 'it takes no signal',
      'stream up': 'it is piped to, and gives no promise',
    },
    open: async () => {
      const { default: superagent } = await import('superagent');
      return {
        ask: async (ask, sight) => {
          const url =
            ask.socketPath === undefined
              ? ask.url
              : `http+unix://${ask.socketPath.replaceAll('/', '%2F')}${new URL(ask.url).pathname}`;
          let sent = superagent(ask.method, url)
            .set(headersOf(ask))
            .retry(ask.retries)
            .ok(() => true);
          if (ask.timeoutMs !== undefined) sent = sent.timeout(ask.timeoutMs);
          if (ask.body?.kind === 'form') {
            for (const [name, value] of Object.entries(ask.body.fields)) sent = sent.field(name, value);
            sent = sent.attach('file', Buffer.from(ask.body.file), 'a.txt');
          } else if (ask.body?.kind === 'text') sent = sent.send(ask.body.text);
          const response = await sent;
          sight.head({
            status: response.status,
            headers: response.headers,
            type: response.type,
            redirects: response.redirects.length,
          });
          sight.result(response.body);
          if (response.text !== undefined) sight.body(response.text);
        },
      };
    },
  },
  {
    name: 'needle',
    packages: ['needle'],
    kind: 'http',
    content,
    lacks: { unix: 'by an agent only', 'stream up': 'it reads streams whole first', signal: undefined },
    open: async () => {
      const { default: needle } = await import('needle');
      return {
        ask: async (ask, sight) => {
          const options = {
            headers: headersOf(ask),
            follow_max: 5,
            parse: true,
            ...(ask.signal === undefined ? {} : { signal: ask.signal }),
            ...(ask.proxy === undefined ? {} : { proxy: ask.proxy }),
            ...(ask.timeoutMs === undefined ? {} : { response_timeout: ask.timeoutMs, read_timeout: ask.timeoutMs }),
          };
          if (ask.reading === 'parts') {
            const stream = needle.get(ask.url, { ...options, parse: false });
            stream.on('header', (status, headers) => sight.head({ status, headers }));
            await new Promise((resolve, reject) => {
              stream.on('data', (part) => {
                sight.part(part);
                ask.onPart();
              });
              stream.on('done', (error) => (error ? reject(error) : resolve()));
            });
            return;
          }
          const body =
            ask.body?.kind === 'form'
              ? {
                  ...ask.body.fields,
                  file: { buffer: Buffer.from(ask.body.file), filename: 'a.txt', content_type: 'text/plain' },
                }
              : (nodeBody(ask.body) ?? null);
          const response = await needle(ask.method.toLowerCase(), ask.url, body, {
            ...options,
            multipart: ask.body?.kind === 'form',
          });
          sight.head(headOf(response));
          sight.result(response.body);
          sight.body(response.raw);
        },
      };
    },
  },
];

async function formOf() {
  const { default: Form } = await import('form-data');
  return () => new Form();
}

function webForm(body) {
  const form = new FormData();
  for (const [name, value] of Object.entries(body.fields)) form.append(name, value);
  form.append('file', new File([body.file], 'a.txt', { type: 'text/plain' }));
  return form;
}

function formData(body, newForm) {
  const form = newForm();
  for (const [name, value] of Object.entries(body.fields)) form.append(name, value);
  if (form instanceof FormData) form.append('file', new File([body.file], 'a.txt'));
  else form.append('file', Buffer.from(body.file), 'a.txt');
  return form;
}

const axiosAsk = (client, axios, newForm) => async (ask, sight) => {
  const isNode = client.defaults.adapter !== 'fetch';
  const { proxy, socketPath } = ask;
  const asked = {
    url: ask.url,
    method: ask.method,
    headers: headersOf(ask),
    signal: ask.signal,
    data: ask.body?.kind === 'form' ? formData(ask.body, newForm) : nodeBody(ask.body),
    responseType: ask.reading === 'parts' ? 'stream' : 'arraybuffer',
    ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
    ...(proxy === undefined
      ? {}
      : { proxy: { protocol: 'http', host: '127.0.0.1', port: Number(new URL(proxy).port) } }),
    ...(socketPath === undefined ? {} : { socketPath, allowedSocketPaths: [socketPath] }),
  };
  if (ask.body?.kind === 'stream' && !isNode) {
    const { webBody } = await import('./helpers.mjs');
    asked.data = webBody(ask.body);
  }
  try {
    const { status, statusText, headers, data } = await client.request(asked);
    sight.head({ status, statusText, headers: headers.toJSON() });
    if (ask.reading === 'parts') await readStream(data, ask, sight);
    else sight.body(data);
  } catch (error) {
    if (axios.isAxiosError(error) && error.response !== undefined && ask.reading === 'whole') {
      const { status, headers, data } = error.response;
      sight.head({ status, headers: headers.toJSON() });
      sight.body(Buffer.from(data ?? ''));
    }
    throw error;
  }
};
