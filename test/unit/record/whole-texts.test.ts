// A text that a rule names as a whole is replaced as a whole wherever it stands, also where another rule finds something in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { redactValue } from '../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../src/journal/redact/secret-scan.ts';
import { temporaryFolder } from '../../support/folder.ts';

const key = ['sk', 'proj', 'abcdefghijklmnopqrstuvwxyz123456'].join('-');

const letter = graph('letter', { state: fields({ body: last<string>(), apiKey: last(''), answer: last<unknown>('') }) })
  .node('reply', async ({ body, apiKey }, { effect }) => {
    const asked = { prompt: `Answer this letter:\n${body}`, of: Buffer.from(`The letter: ${body}`).toString('base64') };
    await effect('llm', asked, async () => 'Dear customer');
    await effect('log', { line: JSON.stringify({ body }), apiKey: `with ${apiKey}` }, async () => {
      throw new Error(`cannot log ${body}`);
    }).catch(() => undefined);
    return { delta: { answer: [`${body}!`, apiKey] } };
  })
  .start('reply')
  .build();

async function recorded(body: string, redact: RedactOptions, apiKey = '') {
  const out = join(temporaryFolder(), 'letter.run.jsonl');
  await recordRun(letter, { body, apiKey }, { out, redact });
  const { report } = await replay(letter, out, { redact });
  return { text: readFileSync(out, 'utf8'), verdict: report.verdict };
}

const own = { name: 'letters', find: (text: string) => text.match(/I have diabetes[^"!]*/g) ?? [] };

describe('a text that is secret as a whole', () => {
  it.each<[string, string, RedactOptions]>([
    ['an email', 'I have diabetes and cannot pay. Write to jane@example.org', { values: ['email'] }],
    ['an email in lines', '\tI have diabetes.\n\n"Jane" Doe\njane@example.org\n', { values: ['email'] }],
    ['a phone number', 'please help, I have diabetes, +49 170 1234567, Jane', { values: ['phone'] }],
    ['a key', `my key is ${key}, and I have diabetes`, {}],
    ['a password', 'my password: hunter2x9, I have diabetes', {}],
    ['a name of a list', 'Jane Doe has diabetes', { values: [{ name: 'people', texts: ['Jane Doe'] }] }],
    ['a second place', 'I have diabetes, jane@example.org', { paths: ['input.body'], values: ['email'] }],
  ])('stays hidden with %s in it', async (_name, body, { paths = [], values = [] }) => {
    const { text, verdict } = await recorded(body, { paths: ['state.body', ...paths], values });
    expect(text).not.toMatch(/diabetes|Doe|hunter/);
    expect(text).toContain('Answer this letter:\\n[redacted:path#1]');
    expect(text).not.toContain(Buffer.from('The letter: I have').toString('base64').slice(0, 20));
    expect(verdict).toBe('same');
  });

  it.each<[string, RedactOptions]>([
    ['a list', { values: ['email', { name: 'letters', texts: ['I have diabetes, jane@example.org'] }] }],
    ['a function', { values: ['email', own] }],
  ])('is found by %s too', async (_name, redact) => {
    const { text, verdict } = await recorded('I have diabetes, jane@example.org', redact);
    expect(text).not.toContain('diabetes');
    expect(verdict).toBe('same');
  });

  it('is replaced as a whole under the name of a credential, and where it is passed on', async () => {
    const { text, verdict } = await recorded('a letter', {}, `use ${key} now`);
    expect(text).not.toMatch(/use | now/);
    expect(verdict).toBe('same');
  });

  it('is found without the space around it', async () => {
    const { text } = await recorded('  I have diabetes\n', { paths: ['state.body', 'effects.*.request.of'] });
    const trimmed = new RedactionMarks(redactionRules({ paths: ['state.body'] }));
    trimmed.hide('  I have diabetes\n');
    expect(trimmed.finish('He said: I have diabetes')).toBe('He said: [redacted:path#1]');
    expect(text).not.toContain('diabetes');
  });

  it('is found where it is streamed in pieces', () => {
    const marks = new RedactionMarks(redactionRules({ paths: ['state.body'], values: ['email'] }));
    const body = 'I have diabetes, jane@example.org, and cannot pay';
    marks.hide(body);
    for (const cut of [4, 20, 30, 45])
      expect(redactValue(['> ', body.slice(0, cut), body.slice(cut)], marks)).toEqual(['> ', '[redacted', ':path#1]']);
  });

  it('hides what is in it elsewhere', async () => {
    const rules = redactionRules({ paths: ['state.body'] });
    const marks = new RedactionMarks(rules);
    marks.hide('my password: hunter2x9, I have diabetes');
    expect(marks.finish('echo hunter2x9')).not.toContain('hunter2x9');
  });
});

describe('the scan', () => {
  it('refuses what is left of a whole text once something in it was replaced', () => {
    const rules = redactionRules({ paths: ['state.body'], values: ['email'] });
    const marks = new RedactionMarks(rules);
    marks.hide(`I have diabetes. ${key}, jane@example.org`);
    const foundIn = (message: string) => {
      const scan = new SecretScan(rules, marks);
      return [...scan.add(JSON.stringify({ at: '1.0#1', kind: 'note', message })), ...scan.settle()];
    };
    const keyMark = marks.mark('api-key', key);
    const left = `A letter: I have diabetes. ${keyMark}, person-1@redacted.invalid`;
    expect(foundIn(left)).toMatchObject([{ rule: 'known' }]);
    expect(foundIn(left.replace(keyMark, '[redacted:api-key]'))).toMatchObject([{ rule: 'known' }]);
    expect(foundIn(`A letter: ${keyMark}, person-1@redacted.invalid`)).toEqual([]);
  });
});
