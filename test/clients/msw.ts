// What clients get from `reprise/msw` beside what a replay gives them: `npm run test:clients:msw -- [words of names]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notApplicable } from './ask.ts';
import type { Client } from './client.ts';
import { firstDifference } from './compare.ts';
import { closedAddress, inChild } from './matrix.ts';
import { mswLimit } from './msw-limits.ts';
import { MatrixServer } from './server.ts';
import { situations } from './situations/index.ts';
import type { Result } from './ways.ts';

const chosen = [
  'fetch',
  'ky',
  'node:http, keep-alive',
  'axios (http adapter)',
  'got',
  'node-fetch 3',
  'superagent',
  'openai',
  'anthropic',
  'google genai',
  'LangChain, openai',
  'Stripe',
];

/** Headers of a body that is encoded. */
const ofCoding: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'transfer-encoding']);

const { clients } = (await import('./clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const words = process.argv.slice(2);
const wanted = words.length === 0 ? chosen : chosen.filter((name) => words.some((word) => name.includes(word)));
let equal = 0;
let limited = 0;
let all = 0;
for (const name of wanted) {
  const client = clients.find((one) => one.name === name);
  if (client === undefined) throw new Error(`no client is called ${name}`);
  await tried(client);
}
console.log(
  `${wanted.length} clients: ${equal} of ${all} equal, ${limited} beyond msw, ${all - equal - limited} wrong`,
);
process.exitCode = equal + limited === all ? 0 : 1;

async function tried(client: Client): Promise<void> {
  // Where a client waits for ever by itself there is nothing to compare.
  const applicable = situations.filter(
    (situation) => situation.name !== 'timeout-in-body' && notApplicable(client, situation) === undefined,
  );
  const folder = mkdtempSync(join(tmpdir(), 'reprise-clients-msw-'));
  const server = await MatrixServer.start(client.content, applicable, join(folder, 'server.sock'));
  const { url, proxyUrl, socketPath } = server;
  const targets = JSON.stringify({ url, proxyUrl, socketPath, closedUrl: await closedAddress() });
  await inChild('live', client, targets, folder, applicable);
  await server[Symbol.asyncDispose]();
  const replayed = await inChild('replayed', client, targets, folder, applicable);
  const mocked = await inChild('mocked', client, targets, folder, applicable);
  rmSync(folder, { recursive: true, force: true });
  const recorded = applicable.filter(({ name }) => !replayed[name]?.said?.includes('there is no fixture'));
  const found = recorded.map(({ name }) => ({
    name,
    differs: firstDifference(withoutMsw(replayed[name]), withoutMsw(mocked[name])),
  }));
  const differing = found.filter(({ differs }) => differs !== '');
  equal += found.length - differing.length;
  all += found.length;
  console.log(`${client.name}: ${found.length - differing.length} of ${found.length} equal`);
  for (const { name, differs } of differing) {
    const limit = mswLimit(client.name, name);
    if (limit !== undefined) limited += 1;
    console.log(limit === undefined ? `   WRONG ${name}: ${differs}` : `   ${name}: ${limit}`);
  }
}

/**
 * msw makes the Response that a client of `fetch` gets, with a type of its own and without the marks of a redirect. It would
 * decode a body again that says it is encoded, so that one comes without saying so.
 */
function withoutMsw(result: Result | undefined): unknown {
  return result?.seen.map(({ head, ...seen }) => {
    const { type: _type, path: _path, redirected: _redirected, headers, ...rest } = (head ?? {}) as Head;
    const kept = Array.isArray(headers) ? headers.filter(([name]) => !ofCoding.has(String(name))) : headers;
    return { ...seen, head: head === undefined ? undefined : { ...rest, headers: kept } };
  });
}

type Head = Readonly<Record<string, unknown>>;
