// The graph stands in one package, and what runs it in another.
import { recordRun } from 'reprise/record';
import { check, desk } from 'graphs';
import { createServer } from 'node:http';

console.log(await check());
const server = createServer((_request, response) => response.end('rain')).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
await recordRun(desk, { url }, { out: 'fixtures/', runId: 'desk-1', force: true });
server.close().closeAllConnections();
