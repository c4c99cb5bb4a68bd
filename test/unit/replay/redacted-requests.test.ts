// A request that differs in a redacted run: what is named is what differs, and not a value that is not compared.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

type Asking = (question: string) => Readonly<Record<string, unknown>>;

const mailing = (ask: Asking) =>
  graph('mailing', { state: fields({ question: last<string>(), sent: last('') }) })
    .node('mail', async ({ question }, { effect }) => {
      return { delta: { sent: await effect('send mail', ask(question) as never, async () => 'sent') } };
    })
    .start('mail')
    .build();

async function firstDivergence(was: Asking, is: Asking, redact: RedactOptions, question = 'tea') {
  const out = join(temporaryFolder(), 'mailing.run.jsonl');
  await recordRun(mailing(was), { question }, { out, redact });
  expect((await replay(mailing(was), out)).report.verdict).toBe('same');
  const { report } = await replay(mailing(is), out);
  expect(report.verdict).toBe('diverged');
  const [first] = report.divergences;
  return first;
}

const from = 'desk@shop.example';
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const emails: RedactOptions = { values: ['email'] };

describe('a request that differs beside a value that the code had of itself', () => {
  it.each<[string, Asking, Asking, RedactOptions, string]>([
    [
      'a field after it',
      (q) => ({ from, subject: `About ${q}` }),
      (q) => ({ from, subject: `Re: ${q}` }),
      emails,
      'request.subject',
    ],
    [
      'a field before it',
      (q) => ({ about: `On ${q}`, from }),
      (q) => ({ about: `Of ${q}`, from }),
      emails,
      'request.about',
    ],
    [
      'text around it',
      (q) => ({ text: `${from} on ${q}` }),
      (q) => ({ text: `${from} of ${q}` }),
      emails,
      'request.text',
    ],
    [
      'a field beside a path',
      (q) => ({ hash: digest(q), note: `note for ${q}` }),
      (q) => ({ hash: digest(q), note: `other note for ${q}` }),
      { paths: ['effects.*.request.hash'] },
      'request.note',
    ],
  ])('names %s', async (_name, was, is, redact, path) => {
    const first = await firstDivergence(was, is, redact);
    expect(first).toMatchObject({ kind: 'request', path });
    expect(JSON.stringify(first)).not.toContain(from);
  });

  it('names another value in the place of one that the code was given', async () => {
    const was: Asking = (question) => ({ to: question, subject: 'About' });
    const first = await firstDivergence(was, () => ({ to: from, subject: 'About' }), emails, 'ada@example.org');
    expect(first).toMatchObject({ kind: 'request', path: 'request.to', recorded: 'person-1@redacted.invalid' });
    expect(JSON.stringify(first)).not.toContain(from);
  });

  it('shows no address in a request that was not made before', async () => {
    const first = await firstDivergence(
      () => ({ from }),
      () => ({ from, body: { to: [from] }, cc: 'x' }),
      emails,
    );
    expect(JSON.stringify(first)).not.toContain(from);
    expect(first?.address).toMatch(/^1\.0#1:call:/);
  });
});
