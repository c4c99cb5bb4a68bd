// A module that remembers from one run to the next: each fixture is the same alone, and not after others.
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';

const caching = `
import { fields, graph, last } from 'reprise';
const known = new Map<string, string>();
export const caching = graph('caching', { state: fields({ doc: last<string>(), text: last('') }) })
  .node('load', async (state, { effect }) => {
    const text = known.get(state.doc) ?? (await effect('load', { doc: state.doc }, () => 'text'));
    known.set(state.doc, text);
    return { delta: { text } };
  })
  .start('load')
  .build();
`;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-module-cache-'));
  makeProject(folder, {
    'src/caching.ts': caching,
    'reprise.config.ts': "export default { graphs: ['src/*.ts'], fixtures: 'fixtures/**/*.run.jsonl' };\n",
  });
  for (const id of ['a', 'b', 'c'])
    expect(
      await reprise(folder, ['record', 'caching', '--input', '{"doc":"inv-1"}', '--run-id', id, '--out', 'fixtures/']),
    ).toMatchObject({
      code: 0,
    });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is named, and what it did to each fixture is told apart from the code', async () => {
  const { code, out } = await reprise(folder, ['replay']);
  expect(code).toBe(1);
  const [first = '', ...others] = out.split(/^(?=fixtures\/)/m);
  expect(first).toContain('a.run.jsonl: same as recorded');
  expect(others).toHaveLength(2);
  for (const report of others) {
    expect(report).toContain(': not deterministic');
    expect(report.replace(/\s+/g, ' ')).toContain('look for a variable of a module first');
    expect(report).toContain('\nreproduce: npx reprise replay\n');
  }
});
