import { expect, it } from 'vitest';
import { writtenForms } from '../../../../src/journal/redact/find/written-forms.ts';

it('a text of plain letters and digits is written in one way', () => {
  expect([...writtenForms('hunter2hunter2')]).toEqual(['hunter2hunter2']);
});

it('no form is shorter than the shortest in which letters are composed', () => {
  for (const form of writtenForms('Zoë Müller')) expect(form.length).toBeGreaterThanOrEqual('Zoë Müller'.length);
});
