// The page on telemetry and credentials: its example is one, and its report is what a report says.
import { expect, it } from 'vitest';
import { checkOptions } from '../../src/base/options/option-shape.ts';
import { httpOptions } from '../../src/live/http/options/http-options.ts';
import { replayText } from '../../src/report/index.ts';
import { codeBlocks } from '../support/code-blocks.ts';

const page = 'docs/guide/outside-of-a-run.md';
const blockOf = (language: string): string => {
  const block = codeBlocks(page).find((each) => each.language === language);
  if (block === undefined) throw new Error(`no block in ${language}`);
  return block.text;
};

it('shows options that fit', () => {
  const options = /httpEffects\((.*)\);/s.exec(blockOf('ts'))?.[1] ?? '';
  const given = new Function(`return ${options}`)() as { readonly outside: readonly unknown[] };
  expect(given.outside).toHaveLength(5);
  expect(() => checkOptions(httpOptions, given as never)).not.toThrow();
});

it('shows the report as it is', () => {
  const text = replayText({
    fixture: 'fixtures/desk/desk-1.run.jsonl',
    graph: 'desk',
    mode: 'effects',
    strictness: 'strict',
    verdict: 'same',
    divergences: [],
    roots: [],
    compared: { steps: 3, tasks: 4, attempts: 4, effects: 2, chunks: 0, events: 1 },
    networkCalls: 0,
    outside: [
      { endpoint: 'otlp', host: 'localhost:4318', count: 2 },
      { endpoint: 'microsoft-login', host: 'login.microsoftonline.com', count: 1 },
    ],
  });
  expect(blockOf('text')).toBe(text);
});
