import { describe, expect, it } from 'vitest';
import type { Divergence } from '../../../src/diff/index.ts';
import { replayText } from '../../../src/report/index.ts';

const thrown: Divergence = {
  kind: 'error',
  at: '1.0#1',
  step: 1,
  node: 'greet',
  path: 'result',
  recorded: 'done',
  replayed: "failed: TypeError [NO_CITY]: Cannot read properties of undefined (reading 'city')",
  stack: `    at greet (src/desk.ts:12:7)\n    at \u001b[2Jhostile (src/desk.ts:20:3)`,
};
const compared = { steps: 1, tasks: 1, attempts: 1, effects: 0, chunks: 0, events: 0 };

describe('the report of a node that threw', () => {
  it('shows its error and the frames of its stack', () => {
    const text = replayText({
      fixture: 'a.run.jsonl',
      graph: 'desk',
      mode: 'effects',
      strictness: 'strict',
      verdict: 'diverged',
      divergences: [thrown],
      roots: [{ place: 0, class: 'the node threw', mayBe: [], behind: [], leadsTo: [] }],
      compared,
      networkCalls: 0,
    });
    expect(text.slice(text.indexOf('1. error')).split('\n').slice(0, 6)).toEqual([
      '1. error: "greet" in step 1 (1.0#1) failed with TypeError [NO_CITY]: Cannot read properties of',
      "   undefined (reading 'city')",
      '   recorded  done',
      "   replayed  failed: TypeError [NO_CITY]: Cannot read properties of undefined (reading 'city')",
      '       at greet (src/desk.ts:12:7)',
      '       at \\u001b[2Jhostile (src/desk.ts:20:3)',
    ]);
  });
});
