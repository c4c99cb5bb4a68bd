// One bad fixture never hides what the others show: not from people, not from programs, not from `doctor`.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const names = ['alpha', 'beta', 'delta', 'gamma', 'omega', 'zeta'] as const;

function source(name: string, out: string = name): string {
  return `import { fields, graph, last } from 'reprise';
export const ${name} = graph('${name}', { state: fields({ out: last<string>('') }) })
  .node('n', () => ({ delta: { out: '${out}' } })).start('n').build();
`;
}

function fixtureOf(name: string): string {
  return `fixtures/${name}.run.jsonl`;
}

beforeAll(async () => {
  makeProject(folder, {
    'reprise.config.ts': "export default { graphs: ['graphs/*.ts'] };\n",
    ...Object.fromEntries(names.map((name) => [`graphs/${name}.ts`, source(name)])),
  });
  for (const name of names) {
    const made = await reprise(folder, ['record', name, '--input', '{}', '--out', fixtureOf(name)]);
    expect(made).toMatchObject({ code: 0 });
  }
  rmSync(join(folder, 'graphs/beta.ts'));
  writeFileSync(join(folder, 'graphs/delta.ts'), source('delta', 'changed'));
  const path = join(folder, fixtureOf('gamma'));
  writeFileSync(path, readFileSync(path, 'utf8').replace('\n', '\n<<<<<<< HEAD\n'));
  writeFileSync(join(folder, 'graphs/omega.ts'), 'export const omega = ;\n');
});

describe('of six fixtures, of which three are bad and one differs,', () => {
  it('all good ones are replayed, and each bad one is named', async () => {
    const { code, out, talk } = await reprise(folder, ['replay']);
    expect(code).toBe(2);
    expect(out).toContain(`${fixtureOf('alpha')}: same as recorded`);
    expect(out).toContain(`${fixtureOf('delta')}: diverged`);
    expect(out).toContain(`${fixtureOf('zeta')}: same as recorded`);
    // Its graph might be in the module that cannot be loaded.
    expect(talk).toMatch(/fixtures\/beta\.run\.jsonl: .*omega\.ts/);
    expect(talk).toMatch(/line 2 of .*fixtures\/gamma\.run\.jsonl/);
    expect(talk).toMatch(/fixtures\/omega\.run\.jsonl: .*omega\.ts/);
  });

  it('each has a report or a fault in JSON', async () => {
    const { code, out } = await reprise(folder, ['replay', '--json']);
    expect(code).toBe(2);
    const { reports, faults } = JSON.parse(out);
    expect(reports.map(({ fixture, verdict }: Record<string, string>) => `${fixture} ${verdict}`)).toEqual([
      `${fixtureOf('alpha')} same`,
      `${fixtureOf('delta')} diverged`,
      `${fixtureOf('zeta')} same`,
    ]);
    expect(faults.map(({ fixture, code: reason }: Record<string, string>) => `${fixture} ${reason}`)).toEqual([
      `${fixtureOf('beta')} module-unloadable`,
      `${fixtureOf('gamma')} fixture-damaged`,
      `${fixtureOf('omega')} module-unloadable`,
    ]);
    for (const { message, nextStep } of faults) expect({ message, nextStep }).not.toContain('');
  });

  it('the exit code is 1 if one differs and none is bad', async () => {
    expect(await reprise(folder, ['replay', fixtureOf('alpha'), fixtureOf('delta')])).toMatchObject({ code: 1 });
    expect(await reprise(folder, ['replay', fixtureOf('alpha'), fixtureOf('zeta')])).toMatchObject({ code: 0 });
  });

  it('one of a graph that is gone says so', async () => {
    const mend = join(folder, 'graphs/omega.ts');
    const broken = readFileSync(mend);
    writeFileSync(mend, source('omega'));
    const { code, talk } = await reprise(folder, ['replay']);
    writeFileSync(mend, broken);
    expect(code).toBe(2);
    expect(talk).toMatch(/fixtures\/beta\.run\.jsonl: no module .* exports a graph "beta"/);
    expect(talk).not.toContain('omega.run');
  });

  it('doctor reads them all, and says what is wrong with each', async () => {
    const { code, out } = await reprise(folder, ['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/^problem 3 of 6 fixtures cannot be replayed$/m);
    expect(out).toMatch(/^problem fixtures\/beta\.run\.jsonl: /m);
    expect(out).toMatch(/^problem line 2 of .*fixtures\/gamma\.run\.jsonl .*\[fixture-damaged\]/m);
    expect(out).toMatch(/^problem fixtures\/omega\.run\.jsonl: .*omega\.ts/m);
    expect(out).not.toMatch(/alpha\.run|delta\.run|zeta\.run/);
  });
});
