// What commands print and write of a run that holds customer data, and how a leak is taken out again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const run = (...args: readonly string[]) => commandHere(folder, args);

const module = `import { fields, graph, last } from 'reprise';
export const desk = graph('desk', { state: fields({ customer: last(''), project: last(''), note: last('') }) })
  .node('ask', async ({ customer, project }, { effect }) => {
    const answer = await effect('look up', { customer, project }, () => 'known: ' + customer);
    return { delta: { note: answer } };
  })
  .node('count', ({ customer }) => ({ delta: { note: customer.split('@')[1] } }))
  .edge('ask', 'count')
  .start('ask')
  .build();
`;
/** The graph of that module, as the process in production has it. */
const desk = graph('desk', { state: fields({ customer: last(''), project: last(''), note: last('') }) })
  .node('ask', async ({ customer, project }, { effect }) => {
    const answer = await effect('look up', { customer, project }, () => `known: ${customer}`);
    return { delta: { note: answer } };
  })
  .node('count', ({ customer }) => ({ delta: { note: customer.split('@')[1] ?? '' } }))
  .edge('ask', 'count')
  .start('ask')
  .build();

const customer = 'ada.lovelace@example.org';
const codename = 'Nightingale';
const fixture = 'fixtures/desk/one.run.jsonl';
const textOf = (path: string): string => readFileSync(join(folder, path), 'latin1');

beforeAll(async () => {
  makeProject(folder, {
    'desk.ts': module,
    'reprise.config.ts': "export default { graphs: ['desk.ts'], redact: { values: ['email'] } };\n",
    'values.txt': `${codename}\n`,
  });
  const engine = createEngine(desk, { store: sqliteStore(join(folder, 'runs.db')) });
  await engine.run({ customer, project: `project ${codename}` }, { runId: 'one' });
  await engine.close();
});

describe('a run that holds customer data', () => {
  it('is previewed by rule, place and count, and shown as its fixture would hold it', async () => {
    const preview = await run('export', 'one', '--preview');
    expect(preview).toMatchObject({ code: 0, talk: '' });
    expect(preview.out).toMatch(/^email +\d+ {2}0 commit$/m);
    const shown = await run('show', 'one', '--step', '2');
    const raw = await run('show', 'one', '--step', '2', '--raw');
    expect(shown.out).toContain('person-1@redacted.invalid');
    expect(raw.out).toContain(customer);
    for (const { out } of [preview, shown]) expect(out).not.toContain('lovelace');
  });

  it('is exported without it, and the line names the task that looked at a redacted value', async () => {
    const { code, out } = await run('export', 'one', '--out', 'fixtures/');
    expect(code).toBe(0);
    expect(textOf(fixture)).not.toContain('lovelace');
    expect(out).toMatch(/^fixtures\/desk\/one\.run\.jsonl: does not replay: .*"count" in step 2/);
    const recorded = await run('record', 'desk', '--input', `{"customer":"${customer}"}`, '--out', 'recorded/');
    expect(recorded).toMatchObject({ code: 0, talk: expect.stringMatching(/^does not replay: .*"count" in step 2/) });
  });
});

describe('a leak', () => {
  it('is found by doctor, and scrubbed out of a fixture and out of a store', async () => {
    expect((await run('doctor')).code).toBe(0);
    const leaked = ['ghp', 'abcdefghijklmnopqrstuvwxyz0123'].join('_');
    const whole = textOf(fixture);
    writeFileSync(join(folder, fixture), whole.replace(`project ${codename}`, `project ${leaked}`));
    const found = await run('doctor');
    expect(found.code).toBe(2);
    expect(found.out).toMatch(/^secret +fixtures\/desk\/one\.run\.jsonl, line \d+: .*\[secret-found\]/m);
    expect(found.out).not.toContain(leaked);
    writeFileSync(join(folder, fixture), whole);

    const scrubbed = await run('scrub', fixture, 'runs.db', '--value', '@values.txt');
    expect(scrubbed).toMatchObject({ code: 0, out: `runs.db: 1 run rewritten\n${fixture}: rewritten\n` });
    expect(scrubbed.talk).toContain('git log --all --oneline');
    for (const path of [fixture, 'runs.db']) expect(textOf(path)).not.toContain(codename);
    // What was no secret is still there, and the run can be read.
    const raw = await run('show', 'one', '--step', '2', '--raw');
    expect(raw.code).toBe(0);
    expect(raw.out).toContain('[redacted:scrubbed#1]');
    expect(raw.out).toContain(customer);
    expect((await run('export', 'one', '--out', 'again/')).out).toContain('again/desk/one.run.jsonl: ');
    expect((await run('doctor')).code).toBe(0);
  });
});
