// What else a node does that a recording has to hold: `node:http` and values that are drawn.
import { mkdtempSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';

const textOf = (url) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve(text));
    });
    sent.on('error', reject).end('asked');
  });

const drawing = graph('drawing', { state: fields({ url: last(), drawn: last('') }) })
  .node('draw', async ({ url }) => {
    const answer = await fetch(url);
    const copy = answer.clone();
    const fetched = [await copy.text(), (await answer.json()).rain];
    return { delta: { drawn: [await textOf(url), ...fetched, Date.now(), Math.random(), crypto.randomUUID()].join() } };
  })
  .start('draw')
  .build();

export async function checkDrawn() {
  const server = createServer((_request, response) => response.end('{"rain":7}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const store = memoryStore();
  const engine = createEngine(drawing, { store, effects: [httpEffects()] });
  await engine.run({ url: `http://127.0.0.1:${server.address().port}/` }, { runId: 'drawing-1' }).orThrow();
  await engine.close();
  const path = await exportRunTo(store, 'drawing-1', `${mkdtempSync(join(tmpdir(), 'reprise-drawing-'))}/`);
  server.close().closeAllConnections();
  const { report } = await replay(drawing, path);
  if (report.verdict !== 'same') throw new Error(JSON.stringify(report.divergences));
}
