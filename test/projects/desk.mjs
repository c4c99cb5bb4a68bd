// What each project does: record a run that asks a server and has an effect, and replay it with the server gone.
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { replayText } from 'reprise/report';

export const desk = graph('desk', { state: fields({ url: last(), answer: last('') }) })
  .node('ask', async ({ url }, { effect }) => {
    const weather = await (await fetch(url)).text();
    const place = await effect('place', null, async () => 'Oslo');
    return { delta: { answer: `${place}: ${weather}` } };
  })
  .start('ask')
  .build();

export async function recordAndReplay() {
  const server = createServer((_request, response) => response.end('rain')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const store = memoryStore();
  const engine = createEngine(desk, { store, effects: [httpEffects()] });
  const url = `http://127.0.0.1:${server.address().port}/`;
  const { answer } = await engine.run({ url }, { runId: 'desk-1' }).orThrow();
  await engine.close();
  const path = await exportRunTo(store, 'desk-1', `${mkdtempSync(join(tmpdir(), 'reprise-desk-'))}/`);
  server.close().closeAllConnections();
  const { report } = await replay(desk, path);
  const { verdict, networkCalls } = report;
  return { seen: JSON.stringify({ answer, verdict, networkCalls }), said: replayText(report) };
}

export async function check() {
  const { seen } = await recordAndReplay();
  if (seen !== '{"answer":"Oslo: rain","verdict":"same","networkCalls":0}') throw new Error(`it came out as ${seen}`);
  return seen;
}
