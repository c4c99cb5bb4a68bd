// What a store keeps on a disk under rules of a user, and how a leak is taken out of one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { exportRunTo, redactStore, scrubRuns } from 'reprise/record';
import { replay } from 'reprise/replay';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const email = 'ada.lovelace@example.org';

const welcome = graph('welcome', { state: fields({ email: last<string>(), name: last<string>(), sent: last('') }) })
  .node('write', async ({ email: to, name }, { effect }) => {
    const sent = await effect('mail', { to, text: `Dear ${name}` }, async () => `sent to ${to}`);
    return { delta: { sent } };
  })
  .start('write')
  .build();

const input = { email, name: 'Ada Lovelace' };
const rules = { paths: ['state.name'], values: ['email'] } as const;

describe('a redacted store', () => {
  it('keeps marks, while the run sees everything', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const store = redactStore(sqliteStore(path, { checkpointLength: 0 }), rules);
    await using engine = createEngine(welcome, { store });
    const { state } = await engine.run(input, { runId: 'one' });
    expect(state.sent).toBe(`sent to ${email}`);
    const file = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
    await engine.close();
    for (const place of [path, file]) {
      const bytes = readFileSync(place, 'latin1');
      expect(bytes).not.toContain('lovelace');
      expect(bytes).not.toContain('Lovelace');
      expect(bytes).toContain('person-1@redacted.invalid');
    }
    expect((await replay(welcome, file)).report.verdict).toBe('same');
  });

  it('refuses rules that it does not know', () => {
    expect(() => redactStore(memoryStore(), { values: ['ssn' as 'email'] })).toThrow(/ssn/);
    expect(() => redactStore(memoryStore(), { paths: ['customer.email'] })).toThrow(/customer/);
  });
});

describe('a scrubbed store', () => {
  it('holds the runs as they were, without the value', async () => {
    const from = memoryStore();
    await createEngine(welcome, { store: from }).run(input, { runId: 'one' });
    await from.label('one', { step: 1, label: 'first' });
    const to = memoryStore();
    expect(await scrubRuns(from, to, { values: ['email'] })).toMatchObject({ runCount: 1 });
    expect((await to.find('one'))?.status).toBe('done');
    expect(await to.labels('one')).toEqual([{ step: 1, label: 'first' }]);
    const file = await exportRunTo(to, 'one', join(temporaryFolder(), 'one.run.jsonl'));
    expect(readFileSync(file, 'utf8')).not.toContain('lovelace');
    expect((await replay(welcome, file)).report.verdict).toBe('same');
  });

  it('holds no value that was named, also under the name of a credential and in a token', async () => {
    const leaked = ['T0p', 'secretValue42'].join('');
    const token = ['{"alg":"HS256"}', '{"tenant":"t-9"}', `sig-${leaked}`]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const signing = graph('signing', { state: fields({ kept: last<unknown>(null) }) })
      .node('sign', async (_state, { effect }) => {
        const given = {
          access_token: leaked,
          set: { password: `a ${leaked}` },
          cookie: `sid=${leaked}`,
          id_token: token,
        };
        return { delta: { kept: await effect('sign', {}, () => given) } };
      })
      .start('sign')
      .build();
    const from = memoryStore();
    await createEngine(signing, { store: from }).run({}, { runId: 'one' });
    const to = memoryStore();
    await scrubRuns(from, to, { values: [{ name: 'leak', texts: [leaked, token] }] });
    const journal: unknown[] = [];
    for await (const entry of to.read('one')) journal.push(entry);
    const text = JSON.stringify(journal);
    for (const hidden of [leaked, token, token.split('.')[1] as string]) expect(text).not.toContain(hidden);
    expect(text).toContain('access_token');
  });
});
