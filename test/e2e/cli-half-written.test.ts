// A process that is told to stop while it writes a fixture leaves nothing of it behind, and the fixture as it was.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

/** An updated fixture is replayed before it takes the place of the old one: there its node has the process stopped. */
const module = `
import { readdirSync } from 'node:fs';
import { fields, graph, last } from 'reprise';

const { SIGNAL } = process.env;
const isHalfWritten = () => readdirSync('.').some((name) => name.endsWith('.tmp'));

export const told = graph('told', { state: fields({ text: last('') }) })
  .node('tell', async () => {
    if (SIGNAL !== undefined && isHalfWritten()) {
      process.kill(process.pid, SIGNAL);
      await new Promise(() => undefined);
    }
    return { delta: { text: SIGNAL ?? 'no signal' } };
  })
  .start('tell')
  .build();
`;

it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('%s', async (signal) => {
  const folder = temporaryFolder();
  makeProject(folder, { 'told.ts': module });
  const recorded = await reprise(folder, ['record', 'told.ts#told', '--input', '{}', '--out', 'told.run.jsonl']);
  expect(recorded).toMatchObject({ code: 0 });
  const before = readFileSync(join(folder, 'told.run.jsonl'));
  const args = ['replay', 'told.run.jsonl', '--graph', 'told.ts#told', '--update'];
  const { code, talk } = await reprise(folder, args, { env: { SIGNAL: signal } });
  expect({ code, talk }).toEqual({ code: 130, talk: '' });
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  expect(readFileSync(join(folder, 'told.run.jsonl'))).toEqual(before);
});
