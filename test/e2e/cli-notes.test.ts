// What was not recorded is said wherever a run or its fixture is handled.
import { sqliteStore } from 'reprise/sqlite';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Entry, NoteEntry, RunEntry } from '../../src/journal/entry.ts';
import type { AttemptKey } from '../../src/journal/key.ts';
import { makeProject, reprise } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { smallJournal } from '../support/journals.ts';

const note: NoteEntry = {
  kind: 'note',
  at: '1.0#1' as AttemptKey,
  node: 'ask',
  what: 'unrecorded',
  message: 'a TCP connection to db:5432 was not recorded',
  mayNotReplay: true,
  observed: {
    time: 1_150,
    count: 3,
    stack: '    at connect (node_modules/pg/client.js:1:2)\n    at load (src/load.ts:3:4)',
  },
};

it('show, export and doctor say that a run may not replay, and why', async () => {
  const folder = temporaryFolder();
  makeProject(folder, {});
  writeFileSync(
    join(folder, 'reprise.config.ts'),
    `export default { store: 'runs.db', fixtures: 'fixtures/**/*.run.jsonl' };\n`,
  );
  const store = sqliteStore(join(folder, 'runs.db'));
  const [run, first, ...rest] = smallJournal();
  const lease = await store.create(run as RunEntry, [first as Entry]);
  await store.append(lease, [note, ...rest]);
  await store.close();

  const told = `  1.0#1  note: "ask": ${note.message}, 3 times; may not replay because of this\n      at load (src/load.ts:3:4)\n`;
  expect((await reprise(folder, ['show', 'run-1'])).out).toContain(told);
  const json = (await reprise(folder, ['show', 'run-1', '--json'])).out.trimEnd().split('\n');
  expect(json.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ kind: 'note', step: 1 }));

  const exported = await reprise(folder, ['export', 'run-1', '--out', 'fixtures/']);
  expect(exported.out).toMatch(/^fixtures\/desk\/run-1\.run\.jsonl: not replayed: /);
  expect(exported.talk).toContain(
    `may not replay: "ask": ${note.message}\n  next: see whether it matters: npx reprise replay fixtures/desk/run-1.run.jsonl\n`,
  );
  expect((await reprise(folder, ['show', 'fixtures/desk/run-1.run.jsonl'])).out).toContain(told);

  const doctor = await reprise(folder, ['doctor']);
  expect(doctor.out).toContain(`note    fixtures/desk/run-1.run.jsonl may not replay: "ask": ${note.message}\n`);
  expect(doctor.code).toBe(0);
});

it('run says so too', async () => {
  const folder = temporaryFolder();
  makeProject(folder, {
    'graph.mjs': `import net from 'node:net';
import { fields, graph, last } from 'reprise';
export const dialer = graph('dialer', { state: fields({ told: last('') }) })
  .node('dial', async () => {
    const told = await new Promise((resolve) => net.connect(1, '127.0.0.1').once('error', ({ code }) => resolve(code)));
    return { delta: { told } };
  })
  .start('dial')
  .build();
`,
  });
  const { code, talk } = await reprise(folder, ['run', 'graph.mjs#dialer', '--input', '{}', '--store', 'runs.db']);
  expect(code).toBe(0);
  expect(talk).toMatch(/^note: unrecorded in 1\.0#1 \("dial"\): .*127\.0\.0\.1:1.*; may not replay because of this$/m);
});
