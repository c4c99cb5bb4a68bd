// What commands print and write of a run that holds customer data, and how a leak is taken out again.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder, temporaryFolder } from '../support/folder.ts';

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
    const { code, out, talk } = await run('export', 'one', '--out', 'fixtures/');
    expect(code).toBe(0);
    expect(talk).toContain(`accept it: npx reprise replay ${fixture} --update\n`);
    expect(textOf(fixture)).not.toContain('lovelace');
    expect(out).toMatch(/^fixtures\/desk\/one\.run\.jsonl: does not replay: .*"count" in step 2/);
    const recorded = await run('record', 'desk', '--input', `{"customer":"${customer}"}`, '--out', 'recorded/');
    expect(recorded).toMatchObject({ code: 0, talk: expect.stringMatching(/^does not replay: .*"count" in step 2/) });
    expect(recorded.talk).toContain('a function in `redact.values` finds a part of a value');
  });
});

describe('a path of the rules', () => {
  const inProject = (paths: string) => {
    const own = temporaryFolder();
    makeProject(own, {
      'desk.ts': module,
      'reprise.config.ts': `export default { graphs: ['desk.ts'], redact: { paths: [${paths}] } };\n`,
    });
    copyFileSync(join(folder, 'runs.db'), join(own, 'runs.db'));
    return (...args: readonly string[]) => commandHere(own, args);
  };
  const record = ['record', 'desk', '--input', '{"customer":"Ada Lovelace"}', '--out', 'fixtures/'];

  it('is named by export, record and doctor where it reaches nothing', async () => {
    const asked = inProject("'state.customer', 'state.custmer', 'outputs.ask.note'");
    for (const args of [['export', 'one', '--out', 'fixtures/'], record]) {
      const { code, talk } = await asked(...args);
      expect(code).toBe(0);
      expect(talk.match(/.*reaches nothing.*/g)).toEqual(['redact.paths: "state.custmer" reaches nothing in this run']);
    }
    const { out } = await asked('doctor');
    expect(out.match(/.*reaches nothing.*/g)).toEqual([
      'note    redact.paths: "state.custmer" reaches nothing in any fixture: look at its spelling',
    ]);
  });

  it('is not named where it reaches something', async () => {
    const asked = inProject("'state.customer'");
    expect((await asked(...record)).talk).not.toContain('reaches nothing');
    expect((await asked('doctor')).out).not.toContain('reaches nothing');
  });
});

describe('a leak', () => {
  it('is said to be nowhere where it is not, and the files stay as they are', async () => {
    const whole = textOf(fixture);
    const store = textOf('runs.db');
    writeFileSync(join(folder, 'nowhere.txt'), `not in it\n${codename}bird\n`);
    const scrubbed = await run('scrub', fixture, 'runs.db', '--value', '@nowhere.txt', '--path', 'state.nme');
    expect(scrubbed).toMatchObject({
      code: 1,
      out: `runs.db: unchanged, nothing to take out of 1 run\n${fixture}: unchanged, nothing to take out\n`,
    });
    expect(scrubbed.talk).toMatch(
      /^value 1 of 2: found nowhere\nvalue 2 of 2: found nowhere\nstate\.nme: found nowhere\n {2}next: /,
    );
    expect(scrubbed.talk).not.toContain('not in it');
    expect([textOf(fixture), textOf('runs.db')]).toEqual([whole, store]);
  });

  it('is found in capitals too, and with a blank behind it, unless it is to be as it is written', async () => {
    const whole = textOf(fixture);
    writeFileSync(join(folder, 'capitals.txt'), `${codename.toUpperCase()} \r\n`);
    const asWritten = await run('scrub', fixture, '--value', '@capitals.txt', '--match-case');
    expect(asWritten.code).toBe(1);
    expect(textOf(fixture)).toBe(whole);
    const scrubbed = await run('scrub', fixture, '--value', '@capitals.txt');
    expect(scrubbed).toMatchObject({ code: 0, out: `${fixture}: rewritten\n` });
    expect(textOf(fixture)).not.toContain(codename);
    writeFileSync(join(folder, fixture), whole);
  });

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
