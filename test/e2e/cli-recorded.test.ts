// Runs that a command ends become fixtures by themselves, where the config says so.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';

const desk = `import { fields, graph, last } from 'reprise';

export const desk = graph('desk', { state: fields({ mail: last<string>(), isKnown: last<boolean>() }) })
  .node('check', ({ mail, isKnown }) => {
    if (!isKnown) throw new RangeError('no mail for ' + mail);
  })
  .start('check')
  .build();
`;
const config = `export default {
  graphs: ['desk.ts'],
  redact: { values: ['email'] },
  record: { when: 'failed', to: 'recorded' },
};
`;

it('records what fails, whichever command ends it, redacted as the config says', async () => {
  const folder = temporaryFolder();
  makeProject(folder, { 'desk.ts': desk, 'reprise.config.ts': config, 'below/file.txt': '' });
  const command = (cwd: string, ...args: readonly string[]) => commandHere(join(folder, cwd), args);
  const input = (mail: string, isKnown: boolean): readonly string[] => {
    return ['--input', JSON.stringify({ mail: `${mail}@example.org`, isKnown }), '--run-id', mail];
  };
  const recorded = (name: string): string => join(folder, `recorded/desk/${name}.run.jsonl`);

  expect((await command('below', 'run', 'desk', ...input('bob', false))).code).toBe(1);
  expect(readFileSync(recorded('bob'), 'utf8')).toContain('no mail for person-1@redacted.invalid');
  expect((await command('.', 'run', 'desk', ...input('ada', true))).code).toBe(0);
  expect((await command('.', 'enqueue', 'desk', ...input('bobby', false))).code).toBe(0);
  expect(existsSync(recorded('bobby'))).toBe(false);
  // One pass of a worker.
  expect((await command('.', 'resume', '--all')).code).toBe(1);
  expect(readFileSync(recorded('bobby'), 'utf8')).not.toContain('bobby@');
  expect(existsSync(recorded('ada'))).toBe(false);
  expect((await command('.', 'replay', 'recorded/desk/bobby.run.jsonl')).code).toBe(0);
});
