// A process that streams a run, for the tests that kill it:
//   stream-server-main.ts <store> <port> <count> <run id> <delay in ms>
// It takes over what an earlier one left behind, or begins the run, and serves its items as server-sent events.
import { createServer } from 'node:http';
import { RepriseError, createEngine, fields, graph, text } from '../../src/index.ts';
import { lastEventId, sendEventStream } from '../../src/live/sse/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { page } from './stream-page.ts';
import { tokenAt } from './stream-tokens.ts';

const [path = '', port = '0', count = '0', runId = '', delay = '1'] = process.argv.slice(2);
const total = Number(count);

const writer = graph('writer', { state: fields({ first: text(), second: text() }) })
  .node('begin', () => ({}))
  .node('one', async function* (_state, { effect }) {
    for (let place = 0; place < total; place += 1) {
      // What the model says is recorded every now and then, so that a re-entered attempt has something to match.
      if (place % 10 === 0) await effect('model', place, async () => place);
      await new Promise((resolve) => setTimeout(resolve, Number(delay)));
      yield { first: tokenAt(place) };
    }
  })
  .node('two', async function* () {
    for (let place = 0; place < total; place += 1) {
      await new Promise((resolve) => setTimeout(resolve, Number(delay)));
      yield { second: tokenAt(total + place) };
    }
  })
  .edge('begin', 'one')
  .edge('begin', 'two')
  .start('begin')
  .build();

const engine = createEngine(writer, { store: sqliteStore(path), leaseMs: 300 });
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    return;
  }
  const from = lastEventId(request) ?? url.searchParams.get('from') ?? undefined;
  const order = url.searchParams.get('order') === 'canonical' ? 'canonical' : 'arrival';
  const stream = engine.read(runId, { order, ...(from === undefined ? {} : { from }) });
  void sendEventStream(stream, response);
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
engine.work({ pollMs: 50 });
try {
  await engine.run({}, { runId });
} catch (thrown) {
  if (!(thrown instanceof RepriseError) || thrown.code !== 'run-exists') throw thrown;
}
