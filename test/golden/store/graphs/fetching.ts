import { request as nodeRequest } from 'node:http';
import { append, fields, graph, last } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Outside } from './outside.ts';

/** Three HTTP exchanges in sequence, by `fetch` and by `node:http`. */
export function fetching(outside: Outside): AnyGraph {
  return graph('fetching', { state: fields({ log: append<string>(), path: last<string>() }) })
    .node('fetch', async ({ path }) => {
      const read = await fetch(`${outside.url}/read?of=fetch`, { headers: { accept: 'application/json' } });
      const log = [`${read.status} ${((await read.json()) as { readonly said: string }).said}`];
      log.push(await viaNode(`${outside.url}/write`, '{"by":"node"}'));
      try {
        const paid = await fetch(`${outside.url}${path}`, { method: 'POST', body: '{"coins":3}' });
        log.push(await paid.text());
      } catch (thrown) {
        log.push(String((thrown as { readonly code?: unknown }).code));
      }
      return { delta: { log } };
    })
    .start('fetch')
    .build();
}

function viaNode(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    request.on('error', reject);
    request.on('response', (response) => {
      response.toArray().then((parts) => resolve(Buffer.concat(parts).toString('utf8')), reject);
    });
    request.end(body);
  });
}
