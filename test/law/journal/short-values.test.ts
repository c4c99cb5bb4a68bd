// A value that a path names is hidden everywhere, however short it is: as a field, and as a word of a text, but not inside of
// other words. What cannot be told from other text is said.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, text } from '../../../src/index.ts';
import { saveRun } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

const redact = { paths: ['state.customer'] };

const letters = graph('letters', {
  state: fields({ customer: last<string>(), letter: text(), answer: last('') }),
})
  .node('write', async function* ({ customer }, { effect }) {
    const body = JSON.stringify({ to: customer, prompt: `Write to ${customer}.\n${customer}'s order came.` });
    const answer = await effect('model', { customer, body }, () => `Dear ${customer}, thank you, ${customer}!`);
    for (const word of answer.split(/(?<= )/)) yield { letter: word };
    return { delta: { answer } };
  })
  .node('check', async ({ customer, answer }, { effect }) => {
    await effect('check', [customer, answer, { [`of ${customer}`]: customer }], () => 'fine');
  })
  .edge('write', 'check')
  .start('write')
  .build();

async function saved(customer: string) {
  const store = memoryStore();
  const engine = createEngine(letters, { store });
  const run = await engine.run({ customer }, { runId: 'run-1' });
  expect(run.status).toBe('done');
  const fixture = await saveRun(store, 'run-1', join(temporaryFolder(), 'a.run.jsonl'), { redact });
  return { fixture, bytes: readFileSync(fixture.path, 'utf8') };
}

describe('a value that a path names', () => {
  it.each(['Cy', 'Ann', 'Jo', "O'B", 'Zoë', 'Bo.', 'ß2', 'Ñu', '王伟', 'Anna', 'Annabel'])(
    'is hidden everywhere: %s',
    async (customer) => {
      const { fixture, bytes } = await saved(customer);
      expect(bytes.split(/[^\p{L}\p{N}.'’]+/u).filter((word) => word === customer)).toEqual([]);
      expect(fixture.mayNotReplay).toEqual([]);
      const { report } = await replay(letters, fixture.path);
      expect(report.verdict).toBe('same');
    },
  );

  it('stays inside of other words', async () => {
    const store = memoryStore();
    const desk = graph('letters', { state: fields({ customer: last<string>(), note: last('') }) })
      .node('write', () => ({ delta: { note: 'Annual review, by Joanne and Ann-Marie, of ANN' } }))
      .start('write')
      .build();
    await createEngine(desk, { store }).run({ customer: 'Ann' }, { runId: 'run-1' });
    const { path } = await saveRun(store, 'run-1', join(temporaryFolder(), 'a.run.jsonl'), { redact });
    const bytes = readFileSync(path, 'utf8');
    expect(bytes).toContain('Annual review, by Joanne and [redacted:path#1]-Marie, of ANN');
  });

  it('is hidden as a field, and said to stay in texts, where it is a short number', async () => {
    const { fixture, bytes } = await saved('42');
    expect(bytes).not.toContain('"42"');
    expect(bytes).toContain('Write to 42.');
    expect(fixture.mayNotReplay).toEqual([
      'a value of `paths` that is one character or a short number stands in texts too, where it is left: step 1, 2',
    ]);
  });

  it('breaks no text of which it is a sign', async () => {
    const store = memoryStore();
    const desk = graph('letters', { state: fields({ customer: last<string>(), note: last('') }) })
      .node('write', () => ({ delta: { note: JSON.stringify({ list: [1, 2], text: 'a' }) } }))
      .start('write')
      .build();
    for (const [index, customer] of ['":', '1,', '},', '[1', 'a"'].entries()) {
      await createEngine(desk, { store }).run({ customer }, { runId: `run-${index}` });
      const { path } = await saveRun(store, `run-${index}`, join(temporaryFolder(), 'a.run.jsonl'), { redact });
      expect(readFileSync(path, 'utf8')).toContain(JSON.stringify('{"list":[1,2],"text":"a"}'));
    }
  });

  it('is said to stay where it is one character', async () => {
    const { fixture, bytes } = await saved('X');
    expect(fixture.mayNotReplay).toEqual([
      'a value of `paths` that is one character or a short number stands in texts too, where it is left: step 1, 2',
    ]);
    expect(JSON.parse(bytes.split('\n', 1)[0] as string)).toHaveProperty('mayNotReplay');
  });
});
