// The matchers of `reprise/vitest` fail their test also where somebody forgot to await them.
import { expect, it } from 'vitest';
import '../../../src/vitest/index.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { fields } from '../../../src/graph/state.ts';
import { awaited } from '../../../src/vitest/awaited.ts';

const desk = graph('desk', { state: fields({}) })
  .node('ask', () => undefined)
  .start('ask')
  .build();

it.fails('a matcher that is not awaited fails its test', () => {
  void expect(desk).toReplay('no-such.run.jsonl');
});

it.fails('so it does where it has failed before the test is over', async () => {
  void expect(desk).toReplay('no-such.run.jsonl');
  await new Promise((resolve) => setTimeout(resolve, 50));
});

it('one that is awaited, and whose failure is expected, does not', async () => {
  await expect(async () => expect(desk).toReplay('no-such.run.jsonl')).rejects.toThrow('does not exist');
  await expect(desk)
    .toReplay('no-such.run.jsonl')
    .catch(() => undefined);
});

it('outside of a test it is a promise as any other', async () => {
  const pass = awaited(async () => ({ pass: true, message: () => '' }));
  await expect(pass.call({} as never, desk)).resolves.toMatchObject({ pass: true });
});
