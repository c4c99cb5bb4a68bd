// `reprise laws`: what it prints, its exit codes, and that what it prints finds the fault again in a fresh process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processOf, reprise, root } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

const graphText = (promises: string): string => `
import { append, fields, graph, reduce } from 'reprise';

let count = 0;
export const desk = graph('desk', {
  state: fields({
    findings: append<string>(),
    cost: reduce((total: number, cost: number) => total + cost, 0, { promises: [${promises}] }),
  }),
})
  .node('search', () => ({ delta: { findings: ['a'], cost: 0.25 } }))
  .start('search')
  .build();
export const numbered = graph('numbered', {
  state: fields({ log: reduce((list: { id: number; line: string }[], line: string) => [...list, { id: ++count, line }], []) }),
})
  .node('write', () => ({ delta: { log: 'a line' } }))
  .start('write')
  .build();
`;

const folder = sharedFolder();
/** Without the line that says what takes long on a busy machine. */
async function run(...args: readonly string[]): Promise<Ended> {
  const { talk, ...ended } = await reprise(folder, args);
  return { ...ended, talk: talk.replaceAll(/^checking laws.*\n/gm, '') };
}

beforeAll(async () => {
  makeUserProject(folder, ['better-sqlite3', 'fast-check', 'vitest', '@types/node'], {
    'src/desk.ts': graphText("'order-independent'"),
    'src/right.ts': graphText('').replace("graph('numbered'", "graph('other'"),
    'configured/reprise.config.ts':
      "export default { graphs: ['../src/desk.ts'], fixtures: '../fixtures/**/*.run.jsonl' };\n",
  });
  for (const [name, exported] of [
    ['desk', 'desk'],
    ['numbered', 'numbered'],
  ]) {
    const recorded = await run(
      'record',
      `src/desk.ts#${exported}`,
      '--input',
      '{}',
      '--out',
      'fixtures/',
      '--run-id',
      `${name}-1`,
    );
    expect(recorded).toMatchObject({ code: 0 });
  }
});

describe('reprise laws', () => {
  it('prints a fault, a test for it and the command that finds it again', async () => {
    const { code, out, talk } = await run('laws', 'src/desk.ts#desk', 'fixtures/desk/*.run.jsonl');
    expect({ code, talk }).toEqual({ code: 1, talk: '' });
    expect(out).toContain('field "cost" (reduce) promises to be order-independent');
    expect(out).toContain('findings (append): order-dependent (merged in rank order, so still deterministic)');
    const [, line = ''] = /^reproduce: npx reprise (.*)$/m.exec(out) ?? [];
    expect(line).toBe('laws src/desk.ts#desk fixtures/desk/desk-1.run.jsonl --seed 1 --runs 100');
    expect(await run(...line.split(' '))).toEqual({ code, out, talk });
  });

  it.each(['desk', 'numbered'])('prints a test of %s that can be pasted', async (name) => {
    const { out } = await run('laws', `src/desk.ts#${name}`, `fixtures/${name}/${name}-1.run.jsonl`);
    const code = [...out.matchAll(/^ {4}(.*)$/gm)].map(([, line]) => line).join('\n');
    writeFileSync(join(folder, `${name}.test.ts`), code);
    const vitest = await processOf(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `${name}.test.ts`],
      folder,
    );
    expect(vitest.code).toBe(1);
    expect(`${vitest.out}${vitest.talk}`).toMatch(/field "(?:cost|log)" must be (?:order-independent|pure)/);
  });

  it('takes the graphs and the fixtures of the config', async () => {
    const { code, out } = await reprise(join(folder, 'configured'), ['laws', '--json', '--seed', '3', '--runs', '20']);
    const { reports, version } = JSON.parse(out) as {
      readonly version: number;
      readonly reports: readonly { readonly graph: string; readonly runs: number; readonly seed: number }[];
    };
    expect({ code, version }).toEqual({ code: 1, version: 1 });
    expect(reports).toMatchObject([
      { graph: 'desk', runs: 1, seed: 3, numRuns: 20, verdict: 'broken' },
      { graph: 'numbered', runs: 1, verdict: 'broken' },
    ]);
  });

  it('ends with 0 if nothing is broken, and with 2 if nothing could be checked', async () => {
    expect(await run('laws', 'src/right.ts#desk', 'fixtures/desk/desk-1.run.jsonl')).toMatchObject({
      code: 0,
      talk: '',
    });
    // Without a config, the fixtures of the folder.
    expect(await run('laws', 'src/right.ts#desk')).toMatchObject({ code: 0 });
    const { code, out, talk } = await run('laws', 'src/right.ts#numbered');
    expect({ code, out }).toEqual({ code: 2, out: expect.stringContaining('nothing could be checked') });
    expect(talk).toContain('next: record one: npx reprise record');
  });

  it.each([
    [['laws'], 'no graph is named'],
    [['laws', 'src/desk.ts#desk', 'fixtures/numbered/numbered-1.run.jsonl'], 'was recorded with graph "numbered"'],
    [['laws', 'src/desk.ts#desk', 'nowhere.run.jsonl'], 'does not exist'],
    [['laws', 'src/desk.ts#desk', '--runs', 'many'], 'whole number'],
    [['laws', 'src/desk.ts#desk', '--runs', '0'], 'whole number, 1 or more'],
  ])('refuses %j', async (args, message) => {
    const { code, out, talk } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(talk).toContain(message);
    expect(talk).toContain('next: ');
  });
});
