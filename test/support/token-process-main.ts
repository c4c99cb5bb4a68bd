// A process that runs a graph whose client keeps a token, until it is killed:
//   token-process-main.ts <path of the store> <address of the server>
import { createEngine } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { TokenClient, outsideOfTests, sendByFetch, tokenGraph } from './token-client.ts';

const [path = '', url = ''] = process.argv.slice(2);

const store = sqliteStore(path);
const client = new TokenClient(sendByFetch(), url);
const engine = createEngine(tokenGraph(client), {
  store,
  effects: [httpEffects({ outside: outsideOfTests })],
  leaseMs: 100,
});
await engine.run({} as never, { runId: 'run' });
await engine.close();
