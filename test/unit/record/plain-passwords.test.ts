// Passwords that are words or numbers: what a name gives away is replaced wherever the node passes it on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const passing = (password: string, say: (password: string) => string) =>
  graph('passing', { state: fields({ login: last(''), log: last('') }) })
    .node('log-in', async (_state, { effect }) => {
      const account = await effect('account', {}, async () => ({ user: 'maria', password }));
      return { delta: { login: account.password, log: say(account.password) } };
    })
    .start('log-in')
    .build();

const inText = (password: string): string => `login maria / ${password} ok`;

async function recorded(password: string, say = inText) {
  const out = join(temporaryFolder(), 'run.run.jsonl');
  const made = passing(password, say);
  const { mayNotReplay } = await recordRun(made, {}, { out });
  const { report } = await replay(made, out);
  return { text: readFileSync(out, 'utf8'), mayNotReplay, verdict: report.verdict };
}

describe('a password that its name gives away', () => {
  it.each([
    ...['shipping', 'sunshine', 'qwertyuiop', 'correcthorse', 'correcthorsebatterystaple', 'correct-horse-battery'],
    ...[
      'kzxqwvjp',
      'Kzxqwvjp',
      '12345678',
      '1234567890123',
      'iloveyou',
      'open sesame',
      'Übergröße',
      'hunter2',
      'abc123',
    ],
    ...['Passw0rd', 'tr0ub4dor&3'],
  ])('is replaced in texts too: %s', async (password) => {
    const { text, verdict, mayNotReplay } = await recorded(password);
    expect(text).not.toContain(JSON.stringify(password).slice(1, -1));
    expect({ verdict, mayNotReplay }).toEqual({ verdict: 'same', mayNotReplay: [] });
  });

  it.each(['letmein', 'summer', '123456', 'dragon!', 'p@ss', 'Ülrike'])(
    'is replaced where it is all that stands there, and else said to be left: %s',
    async (password) => {
      const whole = await recorded(password, (own) => JSON.stringify({ own }));
      expect(whole.text).not.toContain(password);
      expect(whole.verdict).toBe('same');
      const { text, mayNotReplay } = await recorded(password);
      expect(text).not.toContain(`"${password}"`);
      expect(mayNotReplay).toEqual([expect.stringContaining('a credential that is a short word')]);
      expect(text.split('\n')[0]).toContain('a credential that is a short word');
    },
  );

  it.each(['admin', 'secret', 'required'])('is no secret if everybody knows it: %s', async (word) => {
    const { text, mayNotReplay } = await recorded(word);
    expect(text).toContain(inText(word));
    expect(mayNotReplay).toEqual([]);
  });

  it('is no part of another word', async () => {
    const { text } = await recorded('shipping', (own) => `${own} shippings dropshipping`);
    expect(text).toContain('shippings dropshipping');
    expect(text).not.toContain('"shipping');
  });
});
