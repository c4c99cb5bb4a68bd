// What only the replay came to, because the recording holds no more, is never written as what the code does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, failure, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { describe, expect, it } from 'vitest';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Context {
  readonly effect: (name: string, input: object, perform: () => string) => Promise<string>;
}
type Between = (context: Context) => unknown;
const nothing: Between = () => undefined;

interface Shape {
  readonly timeoutMs?: number;
  readonly onError?: 'mend';
}

function desk(between: Between, shape: Shape = {}): AnyGraph {
  return graph('desk', { state: fields({ text: last(''), log: append<string>() }), inputs: { mend: failure() } })
    .node(
      'write',
      async (_state, context) => {
        const one = await context.effect('read', {}, () => 'one');
        await between(context);
        return { delta: { text: one + (await context.effect('read2', {}, () => 'two')) } };
      },
      shape as { readonly onError: 'mend' },
    )
    .node('mend', (_state, { input }) => ({ delta: { log: [input.code] } }))
    .start('write')
    .build() as unknown as AnyGraph;
}

async function recorded(shape: Shape = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(desk(nothing, shape), { store });
  const run = await engine.run({}, { runId: 'one', seed: 'seed' });
  return exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'));
}

async function expectLeft(between: Between, shape: Shape, options: { readonly live?: boolean }): Promise<unknown> {
  const path = await recorded(shape);
  const before = readFileSync(path);
  const { verdict, why, changes } = await updateFixture(desk(between, shape), path, options);
  expect({ verdict, changes }).toEqual({ verdict: 'refused', changes: [] });
  expect(readFileSync(path)).toEqual(before);
  return why;
}

const never: Between = () => new Promise(() => {});
/** Turns for ever: what it polls for never comes. */
const polls: Between = () =>
  new Promise<void>((resolve) => {
    const again = (): void => void setTimeout(again, 10);
    if (Date.now() < 0) resolve();
    again();
  });

describe.each([{ live: false }, { live: true }])('an update (live: $live) of code that', (options) => {
  it.each([
    ['waits for ever', never, {}],
    ['waits for ever, with a node that takes the failure', never, { onError: 'mend' }],
    ['polls for ever', polls, {}],
  ] as const)('%s leaves the file as it was', async (_name, between, shape) => {
    expect(await expectLeft(between, shape, options)).toBe('stalled');
  });
});

it('leaves the file as it was where code waits for an answer to what was refused', async () => {
  const between: Between = async ({ effect }) => {
    void effect('new', {}, () => 'new').catch(() => undefined);
    await new Promise(() => {});
  };
  expect(await expectLeft(between, {}, {})).toBe('not recorded');
});
