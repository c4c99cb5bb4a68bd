// What is wrong with a call of the context, and what to do about it, reaches those who see only how the run ended.
import { createEngine, fields, graph, last } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { journalIn, places, runId } from './going-on.ts';

type Call = (context: never) => unknown;

function calling(call: Call): AnyGraph {
  return graph('calling', { state: fields({ log: last('') }) })
    .node('call', async (_state, context) => void (await call(context as never)))
    .start('call')
    .build();
}

interface Context {
  effect(...given: unknown[]): unknown;
  ask(...given: unknown[]): unknown;
  receive(...given: unknown[]): unknown;
  sleep(...given: unknown[]): unknown;
  race(...given: unknown[]): unknown;
}

const wrong: readonly (readonly [string, (context: Context) => unknown, string, string])[] = [
  [
    'effect',
    ({ effect }) => effect('e', 1, () => 1, { onDoubt: 'perhaps' }),
    '"perhaps"',
    'Give "retry", "fail" or "ask".',
  ],
  ['effect', ({ effect }) => effect('e', 1, () => 1, { retri: 3 }), '"retri"', 'Did you mean "retry"?'],
  ['ask', ({ ask }) => ask('?', { timeoutMs: -1 }), '"timeoutMs" is -1', 'Give a number above 0'],
  [
    'receive',
    ({ receive }) => receive('word', { timeoutMs: 'soon' }),
    '"timeoutMs" is "soon"',
    'Give a number above 0',
  ],
  ['sleep', ({ sleep }) => sleep(-5), 'is -5', 'Give a number, 0 or more'],
  ['race', ({ race }) => race('r', {}), '"branches"', 'Give an object of functions'],
];

describe.each(places)('on $name', ({ make }) => {
  it.each(wrong)('%s says what is wrong and what to give: %#', async (_what, call, reason, next) => {
    const place = make();
    const built = calling(call as Call);
    const error = {
      code: 'option-invalid',
      message: expect.stringContaining(reason),
      nextStep: expect.stringMatching(new RegExp(`^${next.replaceAll(/[?.]/g, String.raw`\$&`)}.*task 1\\.0`, 's')),
    };
    const engine = createEngine(built, { store: place() });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'failed', error });
    await engine.close();
    // Another process, which sees the end alone.
    await using other = createEngine(built, { store: place() });
    expect(await other.run({}, { runId, onExisting: 'attach' })).toMatchObject({ status: 'failed', error });
    const end = (await journalIn(place)).at(-1);
    expect(JSON.stringify({ ...end, observed: {} })).not.toContain('nextStep');
  });
});
