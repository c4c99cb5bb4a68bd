// Whether a request of node:http went over a connection that its agent had kept: clients decide by it whether to ask again.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { fields, graph, last } from '../../src/index.ts';
import { recordRun } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();

function asked(url: string, agent: http.Agent, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    const request = http.request(url, { agent, method: body === undefined ? 'GET' : 'POST' });
    request.on('finish', () => seen.push('finish')).on('error', reject);
    request.on('response', (response) => {
      response.resume().on('end', () => setTimeout(() => resolve(`${seen} ${request.reusedSocket}`), 5));
    });
    request.end(body);
  });
}

it('is the same in a replay', async () => {
  const server = http.createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const asking = graph('asking', { state: fields({ seen: last<readonly string[]>([]) }) })
    .node('ask', async () => {
      const keeping = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const closing = new http.Agent({ keepAlive: false });
      const seen = [await asked(url, keeping), await asked(url, keeping, 'x'), await asked(url, closing)];
      keeping.destroy();
      return { delta: { seen } };
    })
    .start('ask')
    .build();
  const { run, path } = await recordRun(asking, {}, { runId: 'one', out: `${folder}/` });
  expect(run.state.seen).toEqual(['finish false', 'finish true', 'finish false']);
  const { report } = await replay(asking, path);
  expect(report.divergences).toEqual([]);
});
