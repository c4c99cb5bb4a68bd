// A password may hold what ends a value in a shell, a link or a page. Where a rule finds its beginning there, the rest does not
// stay, and a replay of unchanged code asks for what was recorded.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import { redactEntries } from '../../../src/journal/redact/redact-entry.ts';
import { redactRequest } from '../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { effectEntry, outcomeEntry } from '../../support/journals.ts';

const passwords = [
  'tr0ub4dor&3-horse',
  'Xy7;kL9,mN2 qR5',
  'aB3#dE6$gH9!jK2',
  'p@ss/w0rd:Xy9Zk',
  "it's-Gr8t-P4ss",
  'a"b\\c-9Xk2Lm7',
  'Qw8%Er5}Ty2)Ui0',
];

const texts: { readonly [name: string]: (password: string) => string } = {
  'a variable': (it) => `PGPASSWORD=${it} psql -h db`,
  'a file of variables': (it) => `HOST=db\nDB_PASSWORD=${it}\nPORT=1`,
  'an argument': (it) => `mysql --password=${it} -u app`,
  'an argument behind its name': (it) => `mysql --password ${it} -u app`,
  'a header of a command': (it) => `curl -H "X-Api-Key: ${it}" https://x`,
  'a user of a command': (it) => `curl -u ann:${it} https://x`,
  'a link': (it) => `postgres://app:${it}@db/x`,
  yaml: (it) => `db:\n  password: ${it}\n  host: db`,
  'a sentence': (it) => `The password is ${it}. Use it.`,
  json: (it) => `{"password": "${it}"}`,
  'a header': (it) => `Authorization: Bearer ${it}\nHost: x`,
  quoted: (it) => `password='${it}'`,
  'a query': (it) => `GET /x?token=${it}&a=1`,
  'a list': (it) => `password: ${it}, host: db`,
};

const cases = passwords.flatMap((password) => Object.keys(texts).map((name) => ({ password, name })));

/** The longest piece of a password in a text. */
function leftOf(password: string, text: string): string {
  let longest = '';
  for (let start = 0; start < password.length; start += 1)
    for (let end = password.length; end - start > longest.length; end -= 1)
      if (text.includes(password.slice(start, end))) longest = password.slice(start, end);
  return longest;
}

describe.each(cases)('$password in $name', ({ password, name }) => {
  const write = texts[name] as (password: string) => string;
  const request = (it: string) => redactRequest(canonicalValue({ prompt: write(it) }, 'request'));
  const entries: readonly Entry[] = [
    effectEntry('1.0#1', { outcome: { kind: 'value', value: canonicalValue({ dbPassword: password }, 'answer') } }),
    effectEntry('1.0#1', { request: request(password) }),
    outcomeEntry('1.0#1', { result: { status: 'done', delta: canonicalValue({ said: write(password) }, 'delta') } }),
  ];
  const [given, effect, outcome] = redactEntries(entries, new RedactionMarks());

  it('does not stay', () => {
    expect(leftOf(password, JSON.stringify([given, effect, outcome])).length).toBeLessThan(4);
  });

  it('is asked for as it was recorded', () => {
    const { outcome: answer } = given as EffectEntry;
    const { dbPassword } = (answer as unknown as { readonly value: { readonly dbPassword: string } }).value;
    expect(request(dbPassword)).toEqual((effect as EffectEntry).request);
  });
});
