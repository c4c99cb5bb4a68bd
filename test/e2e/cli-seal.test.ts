// `reprise replay` seals its process before it imports a module of the user.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
let hits = 0;
const server = createServer((_request: IncomingMessage, response: ServerResponse) => {
  hits += 1;
  response.end('{"factor":7}');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/config`;
  const module = (load: string): string => `import { fields, graph, last } from 'reprise';
${load}
export const scaled = graph('scaled', { state: fields({ out: last(0) }) })
  .node('scale', () => ({ delta: { out: config.factor } }))
  .start('scale')
  .build();
`;
  const asked = `await (await fetch('${url}')).json()`;
  makeProject(folder, {
    'asks.ts': module(`const config = ${asked};`),
    'tries.ts': module(`let config = { factor: 7 };\ntry { config = ${asked}; } catch {}`),
    'configured/reprise.config.ts': `await fetch('${url}').catch(() => undefined);\nexport default { graphs: ['../tries.ts'] };\n`,
  });
  const recorded = await reprise(folder, [
    'record',
    'asks.ts',
    '--input',
    '{}',
    '--run-id',
    'one',
    '--out',
    'fixtures/',
  ]);
  expect(recorded).toMatchObject({ code: 0, talk: '' });
  hits = 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const fixture = 'fixtures/scaled/one.run.jsonl';

it('refuses and names what a module asks for while it is imported', async () => {
  const { code, talk } = await reprise(folder, ['replay', fixture, '--graph', 'asks.ts']);
  expect({ code, hits }).toEqual({ code: 2, hits: 0 });
  expect(talk).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/config was tried outside of any node.*asks\.ts/);
  expect(talk).toContain('errors/effect-refused.md');
});

it('says it if the module makes do without the answer', async () => {
  const { code, out, talk } = await reprise(folder, ['replay', fixture, '--graph', 'tries.ts']);
  expect({ code, hits }).toEqual({ code: 0, hits: 0 });
  expect(out).toContain('same as recorded');
  expect(talk).toMatch(/refused outside of any node: GET http:\/\/127\.0\.0\.1:\d+\/config\n.*tries\.ts/);
  const { out: json } = await reprise(folder, ['replay', fixture, '--graph', 'tries.ts', '--json']);
  expect(JSON.parse(json)).toMatchObject({
    reports: [{ verdict: 'same', networkCalls: 0, refused: [], unattributed: [] }],
    refused: [{ what: expect.stringContaining('GET http://127.0.0.1'), stack: expect.stringContaining('tries.ts') }],
  });
});

it('seals before the config is imported too', async () => {
  const { code, talk } = await reprise(`${folder}/configured`, ['replay', `../${fixture}`]);
  expect({ code, hits }).toEqual({ code: 0, hits: 0 });
  expect(talk).toContain('reprise.config.ts');
});

it('lets the nodes of a live run reach the network', async () => {
  const { code } = await reprise(folder, ['replay', fixture, '--graph', 'asks.ts', '--live-from', '0']);
  expect({ code, hits }).toEqual({ code: 0, hits: 1 });
});
