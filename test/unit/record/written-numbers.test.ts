// A telephone number, a card and an IBAN are the same however they are written: with other signs between their digits, or none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

type Say = (given: string) => unknown;

async function recorded(given: string, say: Say, values: RedactOptions['values'] = ['email', 'phone', 'card', 'iban']) {
  const made = graph('saying', { state: fields({ given: last<string>(), said: last<unknown>(null) }) })
    .node('say', (state) => ({ delta: { said: say(state.given) } }))
    .start('say')
    .build();
  const out = join(temporaryFolder(), 'saying.run.jsonl');
  await recordRun(made, { given }, { out, redact: { values: values ?? [] } });
  const whole = readFileSync(out, 'utf8');
  const said = /"said":(.*?)\},"status"/.exec(whole)?.[1];
  // Digests, seeds and times may hold any four digits.
  const text = whole.replaceAll(/[0-9a-f]{16,}|(?<="(?:time|began|ended)":)\d+/g, '');
  return { text, said, verdict: (await replay(made, out)).report.verdict };
}

const noSpaces: Say = (text) => text.replaceAll(' ', '');
const digits: Say = (text) => text.replace(/\D/g, '');

describe('a number that was redacted', () => {
  it.each<[string, string, Say, string]>([
    ['a phone number as software dials it', '+49 170 1234567', noSpaces, '"+000000000001"'],
    ['one with signs', '(415) 555-0100', (text) => text.replace('(', '').replace(') ', '-'), '"000-000-0001"'],
    ['one with zeros for the plus', '0049 170 1234567', (text) => `+${text.slice(2)}`, '"+00 000 0000001"'],
    ['its digits', '+49 170 1234567', digits, '"000000000001"'],
    [
      'its digits in a text',
      '+49 170 1234567',
      (text) => `wa:${String(digits(text))} called`,
      '"wa:000000000001 called"',
    ],
    [
      'its digits in a link',
      '+49 170 1234567',
      (text) => `https://x.example/${String(digits(text))}?a=1`,
      '"https://x.example/000000000001?a=1"',
    ],
    ['its digits as a number', '+49 170 1234567', (text) => [Number(digits(text))], '[1]'],
    ['the digits of a local one', '0170 1234567', digits, '"00000000001"'],
    ['a card', '4111 1111 1111 1111', noSpaces, '"0000000000000018"'],
    ['a card as a number', '4111 1111 1111 1111', (text) => Number(digits(text)), '18'],
    ['an IBAN without spaces', 'DE89 3704 0044 0532 0130 00', noSpaces, '"XX63000000000000000001"'],
    [
      'an IBAN in groups',
      'DE89370400440532013000',
      (text) => text.match(/.{1,4}/g)?.join(' '),
      '"XX63 0000 0000 0000 0000 01"',
    ],
  ])('is the same: %s', async (_name, given, say, expected) => {
    const { text, said, verdict } = await recorded(given, say);
    expect(said).toBe(expected);
    expect(text).not.toMatch(/1234567|5550100|0532|1111/);
    expect(verdict).toBe('same');
  });

  it('is another one with other digits', async () => {
    const { said } = await recorded('+49 170 1234567', () => ['+49 170 1234568', '491701234569', 1_701_234_567]);
    expect(said).toBe('["+00 000 0000002","491701234569",1701234567]');
  });
});

describe('an IBAN as it is printed', () => {
  const printed = [
    'DE89 3704 0044 0532 0130 00',
    'AT61 1904 3002 3457 3201',
    'ES91 2100 0418 4502 0005 1332',
    'NL91 ABNA 0417 1643 00',
  ];
  const rules: RedactOptions['values'][] = [['iban'], ['phone', 'iban'], ['iban', 'card', 'phone', 'email']];
  it.each(printed.flatMap((iban) => rules.map((values) => [iban, values] as const)))(
    'is found whole: %s by %j',
    async (iban, values) => {
      for (const given of [iban, `IBAN: ${iban}`, `${iban} BIC BKAUATWW`, `${iban} 100 EUR`, `${iban}, by tomorrow`]) {
        const { text, verdict } = await recorded(given, (own) => own, values);
        for (const group of iban.split(' ')) expect(text.includes(group) && group.length === 4).toBe(false);
        expect(text).toMatch(/XX\d\d 0000 0000 0000/);
        expect(verdict).toBe('same');
      }
    },
  );

  it('hides a card whole, and a phone number beside it', async () => {
    const card = '4000 0512 3456 7894';
    const { text } = await recorded(`${card}, 0170 1234567`, (own) => own);
    expect(text).not.toMatch(/4000|7894|1234567/);
  });
});
