// The next step in an error fits the command that was typed: one of its options, or a line that works when pasted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, processOf, program, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

const refund = `import { fields, graph, last, text } from 'reprise';

export const refund = graph('refund', { state: fields({ order: last<string>(), letter: text(), outcome: last('open') }) })
  .node('draft', async function* (state) {
    for (const word of ['Dear ', 'customer']) yield { letter: word };
  })
  .node('approve', async (state, { ask }) => ({ delta: { outcome: String(await ask('Refund?')) } }))
  .edge('draft', 'approve')
  .start('draft')
  .build();
`;
const input = '{"order":"A-17"}';

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
const paused = (runId: string): Promise<Ended> => run('run', 'src/refund.ts', '--input', input, '--run-id', runId);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-next-steps-'));
  makeProject(folder, {
    'src/refund.ts': refund,
    'src/invalid.ts': refund.replace(".start('draft')", ".start('darft')"),
    'configured/reprise.config.ts': "export default { graphs: ['graphs/*.ts'] };\n",
    'configured/graphs/a-refund.ts': refund,
    'invalid/reprise.config.ts': "export default { graphs: ['graphs/*.ts'] };\n",
    'invalid/graphs/a-refund.ts': refund,
    'invalid/graphs/b-program.ts':
      "import { fields, graph } from 'reprise';\ngraph('b', { state: fields({}) }).build();\n",
  });
  expect(await paused('refund-1')).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an answer that is a word', () => {
  it('is shown as it must be typed, and is accepted that way', async () => {
    const { code, talk } = await run('resume', 'refund-1', '--graph', 'src/refund.ts', '--answer', "it's fine");
    expect(code).toBe(2);
    const [, option] = /next: Quote text .*: (--answer \S.*)\. Write numbers/.exec(talk) ?? [];
    const line = `"${process.execPath}" "${program}" resume refund-1 --graph src/refund.ts ${option}`;
    const answered = await processOf('/bin/sh', ['-c', line], folder);
    expect(answered).toMatchObject({ code: 0, out: expect.stringContaining(`"outcome": "it's fine"`) });
  });
});

describe('a run id that is taken', () => {
  it.each([
    ['run', 'src/refund.ts', '--input', input],
    ['fork', 'refund-1', '--step', '0', '--graph', 'src/refund.ts'],
  ])('is reported in terms of the options of %s', async (...args) => {
    const { code, talk } = await run(...args, '--run-id', 'refund-1');
    expect(code).toBe(2);
    expect(talk).toContain('next: Choose another --run-id,');
    expect(talk).not.toContain('onExisting');
  });
});

describe('a graph that has no configured name', () => {
  it('is given with --graph when the run is given by id', async () => {
    const [resumed, forked, ran] = await Promise.all([
      run('resume', 'refund-1'),
      run('fork', 'refund-1', '--step', '0'),
      run('run', 'refund', '--input', input),
    ]);
    for (const { code, talk } of [resumed, forked]) {
      expect(code).toBe(2);
      expect(talk).toContain('next: Name the module: --graph path/to/graph.ts#export.');
    }
    expect(ran.talk).toContain('next: Name the module: path/to/graph.ts#export.');
  });
});

describe('what was sent to a run', () => {
  it('is taken by a command that finds the graph, whether or not a config says where it is', async () => {
    const store = ['--store', 'sent.db'];
    const asked = ['run', 'src/refund.ts', '--input', input, '--run-id', 'refund-7', ...store];
    expect(await run(...asked)).toMatchObject({ code: 0 });
    const without = await run('answer', 'refund-7', '"yes"', ...store);
    const named = '--store sent.db --graph path/to/graph.ts#export';
    expect(without.talk).toBe(
      `  next: \`npx reprise work ${named}\` resumes it, or: npx reprise resume refund-7 ${named}\n`,
    );
    const configured = join(folder, 'configured');
    const other = ['--store', '../other.db'];
    await reprise(configured, ['run', 'refund', '--input', input, '--run-id', 'refund-7', ...other]);
    const { talk } = await reprise(configured, ['answer', 'refund-7', '"yes"', ...other]);
    expect(talk).toContain('npx reprise work --store ../other.db` resumes it, or: npx reprise resume refund-7');
    expect(talk).not.toContain('--graph');
  });
});

describe('a module that throws on import', () => {
  it('is named, even if the error comes from Reprise', async () => {
    const [named, ofConfig] = await Promise.all([
      run('graph', 'src/invalid.ts'),
      reprise(join(folder, 'invalid'), ['graph', 'refund']),
    ]);
    expect(named).toMatchObject({ code: 2, talk: expect.stringMatching(/thrown while importing \S+src\/invalid\.ts/) });
    expect(ofConfig.talk).toMatch(/thrown while importing \S+graphs\/b-program\.ts[\s\S]*graph-invalid\.md/);
  });
});

describe('resume', () => {
  it('without a run id says how to find one', async () => {
    expect(await run('resume')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('`npx reprise list` shows them'),
    });
  });

  it('--all says if there is nothing to do', async () => {
    const cwd = join(folder, 'configured');
    expect(await reprise(cwd, ['resume', '--all'])).toEqual({
      code: 0,
      out: '',
      talk: 'reprise: no run of refund can continue now; `npx reprise list --paused` shows the runs that wait for an answer\n',
    });
  });
});

describe('run --stream --json', () => {
  it('prints JSON on each line, including the result', async () => {
    const { code, out } = await run('run', 'src/refund.ts', '--input', input, '--stream', '--json', '--run-id', 's-1');
    expect(code).toBe(0);
    const items = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(items.find((item) => 'chunk' in item)).toMatchObject({
      version: 1,
      kind: 'chunk',
      chunk: { letter: 'Dear ' },
    });
    expect(items.at(-1)).toMatchObject({ version: 1, kind: 'done', run: 's-1', status: 'paused' });
  });
});
