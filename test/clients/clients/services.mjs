// Clients of services: one operation each, as users call it.
import { signalOf } from './helpers.mjs';

const lacks = {
  unix: 'it takes no address of a socket',
  proxy: 'it takes no proxy, except by an agent of the caller',
  'stream down': 'the operation gives no stream',
};
const credentials = { accessKeyId: 'AKIAABCDEFGHIJKLMNOP', secretAccessKey: 'secret' };

const ofAws = (ask, NodeHttpHandler) => ({
  endpoint: ask.url,
  region: 'us-east-1',
  credentials,
  maxAttempts: ask.retries + 1,
  requestHandler: new NodeHttpHandler(
    ask.timeoutMs === undefined ? {} : { requestTimeout: ask.timeoutMs, throwOnRequestTimeout: true },
  ),
});

const aws = (name, packageName, content, call) => ({
  name,
  packages: [packageName, '@smithy/node-http-handler'],
  kind: 'service',
  content,
  lacks,
  open: async () => {
    const module = await import(packageName);
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    return {
      ask: async (ask, sight) => {
        const options = ask.signal === undefined ? {} : { abortSignal: ask.signal };
        sight.result(await call(module, ofAws(ask, NodeHttpHandler), options));
      },
    };
  },
});

const awsFailure = JSON.stringify({ __type: 'com.amazonaws#ResourceNotFoundException', message: 'not like this' });

export const services = [
  aws(
    'AWS DynamoDB',
    '@aws-sdk/client-dynamodb',
    {
      type: 'application/x-amz-json-1.0',
      body: JSON.stringify({ Item: { id: { S: '1' }, answer: { N: '42' } } }),
      events: [],
      failure: awsFailure,
    },
    async ({ DynamoDBClient, GetItemCommand }, config, options) => {
      const command = new GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } });
      return new DynamoDBClient(config).send(command, options);
    },
  ),
  aws(
    'AWS DynamoDB, transaction',
    '@aws-sdk/client-dynamodb',
    { type: 'application/x-amz-json-1.0', body: '{}', events: [], failure: awsFailure },
    async ({ DynamoDBClient, TransactWriteItemsCommand }, config, options) => {
      const command = new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: 't', Item: { id: { S: '1' } } } }],
      });
      return new DynamoDBClient(config).send(command, options);
    },
  ),
  aws(
    'AWS S3, get',
    '@aws-sdk/client-s3',
    {
      type: 'text/plain',
      body: 'the object, as it is stored',
      events: [],
      failure: '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>not like this</Message></Error>',
    },
    async ({ S3Client, GetObjectCommand }, config, options) => {
      const client = new S3Client({ ...config, forcePathStyle: true });
      const { Body, ...rest } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }), options);
      return { ...rest, text: await Body.transformToString() };
    },
  ),
  aws(
    'AWS S3, put',
    '@aws-sdk/client-s3',
    {
      type: 'application/xml',
      body: '',
      events: [],
      failure: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>not like this</Message></Error>',
    },
    async ({ S3Client, PutObjectCommand }, config, options) => {
      const client = new S3Client({ ...config, forcePathStyle: true });
      return client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'new content' }), options);
    },
  ),
  aws(
    'AWS Bedrock (HTTP/1.1)',
    '@aws-sdk/client-bedrock-runtime',
    {
      type: 'application/json',
      body: JSON.stringify({
        output: { message: { role: 'assistant', content: [{ text: 'It is 42.' }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 1, outputTokens: 3, totalTokens: 4 },
        metrics: { latencyMs: 1 },
      }),
      events: [],
      failure: awsFailure,
    },
    async ({ BedrockRuntimeClient, ConverseCommand }, config, options) => {
      const command = new ConverseCommand({
        modelId: 'm',
        messages: [{ role: 'user', content: [{ text: 'What is it?' }] }],
      });
      return new BedrockRuntimeClient(config).send(command, options);
    },
  ),
  {
    name: 'Stripe',
    packages: ['stripe'],
    kind: 'service',
    content: {
      type: 'application/json',
      body: JSON.stringify({ id: 'cus_1', object: 'customer', name: 'A' }),
      events: [],
      failure: JSON.stringify({ error: { type: 'invalid_request_error', message: 'not like this', code: 'bad' } }),
    },
    lacks: { ...lacks, signal: 'it takes no signal' },
    open: async () => {
      const { default: Stripe } = await import('stripe');
      return {
        ask: async (ask, sight) => {
          const { hostname, port } = new URL(ask.url);
          const client = new Stripe('sk_test_1', {
            host: hostname,
            port,
            protocol: 'http',
            maxNetworkRetries: ask.retries,
          });
          const options = ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs };
          // It has no base path, so the situation stands where the id of a customer would.
          const customer = await client.rawRequest('POST', new URL(ask.url).pathname, { name: 'A' }, options);
          const { statusCode, headers, requestId } = customer.lastResponse;
          sight.head({ statusCode, headers, requestId });
          sight.result(customer);
        },
      };
    },
  },
  {
    name: 'Elasticsearch',
    packages: ['@elastic/elasticsearch'],
    kind: 'service',
    content: {
      type: 'application/vnd.elasticsearch+json;compatible-with=9',
      headers: { 'x-elastic-product': 'Elasticsearch' },
      body: JSON.stringify({ _index: 'i', _id: '1', found: true, _source: { answer: 42 } }),
      events: [],
      failure: JSON.stringify({ error: { type: 'index_not_found_exception', reason: 'not like this' }, status: 404 }),
    },
    lacks,
    open: async () => {
      const { Client, HttpConnection } = await import('@elastic/elasticsearch');
      return { ask: elastic(Client, HttpConnection) };
    },
  },
  {
    name: 'Elasticsearch (undici)',
    packages: ['@elastic/elasticsearch'],
    kind: 'service',
    content: {
      type: 'application/vnd.elasticsearch+json;compatible-with=9',
      headers: { 'x-elastic-product': 'Elasticsearch' },
      body: JSON.stringify({ _index: 'i', _id: '1', found: true, _source: { answer: 42 } }),
      events: [],
      failure: JSON.stringify({ error: { type: 'index_not_found_exception', reason: 'not like this' }, status: 404 }),
    },
    lacks,
    open: async () => {
      const { Client, UndiciConnection } = await import('@elastic/elasticsearch');
      return { ask: elastic(Client, UndiciConnection) };
    },
  },
  {
    name: 'octokit',
    packages: ['octokit'],
    kind: 'service',
    content: {
      type: 'application/json; charset=utf-8',
      body: JSON.stringify({ id: 1, name: 'r', full_name: 'o/r' }),
      events: [],
      failure: JSON.stringify({ message: 'not like this', documentation_url: 'https://docs.test' }),
    },
    lacks,
    open: async () => {
      const { Octokit } = await import('octokit');
      return {
        ask: async (ask, sight) => {
          const log = { debug() {}, info() {}, warn() {}, error() {} };
          const client = new Octokit({
            auth: 'ghp_test',
            baseUrl: ask.url,
            log,
            throttle: { enabled: false },
            retry: ask.retries === 0 ? { enabled: false } : { retryAfterBaseValue: 5 },
          });
          const signal = signalOf(ask);
          const { status, headers, data } = await client.rest.repos.get({
            owner: 'o',
            repo: 'r',
            ...(signal === undefined ? {} : { request: { signal } }),
          });
          sight.head({ status, headers });
          sight.result(data);
        },
      };
    },
  },
  {
    name: 'graphql-request',
    packages: ['graphql-request', 'graphql'],
    kind: 'service',
    content: {
      type: 'application/json',
      body: JSON.stringify({ data: { answer: { value: 42 } } }),
      events: [],
      failure: JSON.stringify({ errors: [{ message: 'not like this' }] }),
    },
    lacks,
    open: async () => {
      const { GraphQLClient, gql } = await import('graphql-request');
      const query = gql`
        query Answer($id: ID!) {
          answer(id: $id) {
            value
          }
        }
      `;
      return {
        ask: async (ask, sight) => {
          const client = new GraphQLClient(ask.url, {
            requestMiddleware: (request) => ({
              ...request,
              headers: { ...request.headers, 'x-asked-by': 'middleware' },
            }),
          });
          const signal = signalOf(ask);
          const { status, headers, data } = await client.rawRequest({
            query,
            variables: { id: '1' },
            ...(signal === undefined ? {} : { signal }),
          });
          sight.head({ status, headers: [...headers] });
          sight.result(data);
        },
      };
    },
  },
  {
    name: 'Supabase',
    packages: ['@supabase/supabase-js'],
    kind: 'service',
    content: {
      type: 'application/json',
      body: JSON.stringify([{ id: 1, answer: 42 }]),
      events: [],
      failure: JSON.stringify({ message: 'not like this', code: '42P01', details: null, hint: null }),
    },
    lacks: { ...lacks, 'counted retries': 'how often it retries is its own' },
    open: async () => {
      const { createClient } = await import('@supabase/supabase-js');
      return {
        ask: async (ask, sight) => {
          const client = createClient(ask.url, 'sb_publishable_test', {
            auth: { persistSession: false, autoRefreshToken: false },
          });
          const asked = client.from('answers').select('*').eq('id', 1);
          const signal = signalOf(ask);
          const { data, error, status, statusText, count } = await (signal === undefined
            ? asked
            : asked.abortSignal(signal));
          sight.head({ status, statusText, count });
          sight.result({ data, error });
        },
      };
    },
  },
  {
    name: 'Replicate',
    packages: ['replicate'],
    kind: 'service',
    content: {
      type: 'application/json',
      body: JSON.stringify({ id: 'p1', status: 'succeeded', output: ['It is 42.'] }),
      events: [],
      failure: JSON.stringify({ detail: 'not like this' }),
    },
    lacks: { ...lacks, 'counted retries': 'how often it retries is its own' },
    open: async () => {
      const { default: Replicate } = await import('replicate');
      return {
        ask: async (ask, sight) => {
          const client = new Replicate({ auth: 'r8_test', baseUrl: ask.url });
          const signal = signalOf(ask);
          const input = { prompt: 'What is it?' };
          const options = signal === undefined ? {} : { signal };
          sight.result(await client.predictions.create({ version: 'v', input, ...options }));
        },
      };
    },
  },
  {
    name: 'Slack',
    packages: ['@slack/web-api'],
    kind: 'service',
    content: {
      type: 'application/json; charset=utf-8',
      body: JSON.stringify({ ok: true, channel: 'C1', ts: '1.2' }),
      events: [],
      failure: JSON.stringify({ ok: false, error: 'channel_not_found' }),
    },
    lacks: { ...lacks, signal: 'it takes no signal' },
    open: async () => {
      const { LogLevel, WebClient } = await import('@slack/web-api');
      return {
        ask: async (ask, sight) => {
          const client = new WebClient('xoxb-test', {
            slackApiUrl: `${ask.url}/`,
            logLevel: LogLevel.ERROR,
            retryConfig: { retries: ask.retries, minTimeout: 5, maxTimeout: 5 },
            rejectRateLimitedCalls: ask.retries === 0,
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
          });
          sight.result(await client.chat.postMessage({ channel: 'C1', text: 'It is 42.' }));
        },
      };
    },
  },
  {
    name: 'MCP over HTTP',
    packages: ['@modelcontextprotocol/sdk'],
    kind: 'service',
    content: {
      type: 'application/json',
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 0,
        result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } },
      }),
      events: [],
      failure: JSON.stringify({ jsonrpc: '2.0', id: 0, error: { code: -32600, message: 'not like this' } }),
    },
    lacks: { ...lacks, signal: 'connecting takes no signal' },
    open: async () => {
      const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
      const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
      return {
        ask: async (ask, sight) => {
          const client = new Client({ name: 'matrix', version: '1' });
          const transport = new StreamableHTTPClientTransport(new URL(ask.url));
          try {
            await client.connect(transport, ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs });
            sight.result({ server: client.getServerVersion(), capabilities: client.getServerCapabilities() });
          } finally {
            await client.close();
          }
        },
      };
    },
  },
];

const elastic = (Client, Connection) => async (ask, sight) => {
  const client = new Client({ node: ask.url, Connection, maxRetries: ask.retries });
  try {
    const { statusCode, headers, body } = await client.get(
      { index: 'i', id: '1' },
      {
        meta: true,
        ...(ask.timeoutMs === undefined ? {} : { requestTimeout: ask.timeoutMs }),
        ...(ask.signal === undefined ? {} : { signal: ask.signal }),
      },
    );
    sight.head({ statusCode, headers });
    sight.result(body);
  } finally {
    await client.close();
  }
};
