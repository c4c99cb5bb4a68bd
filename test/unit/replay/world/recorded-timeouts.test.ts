// When the time of an attempt is over in a replay: as soon as it has asked for what was recorded, and at once where its node
// does not run. It would otherwise wait for a second of real time for what nobody will ask.
import { expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../../../src/index.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { StepIndex } from '../../../../src/journal/step/step-index.ts';
import type { Idle, Quiet } from '../../../../src/port/event-loop.ts';
import { watchAttempt } from '../../../../src/replay/world/recorded-timeouts.ts';
import { collected } from '../../../support/journals.ts';

async function timedOut(): Promise<StepIndex> {
  const slow = graph('slow', { state: fields({ said: last('') }) })
    .node(
      'look',
      async (_state, { effect, signal }) => {
        await effect('look', 1, () => 'found');
        return new Promise<never>((_, reject) => {
          signal.addEventListener('abort', reject, { once: true });
        });
      },
      { timeoutMs: 20 },
    )
    .start('look')
    .build();
  const store = memoryStore();
  await using engine = createEngine(slow, { store });
  await engine.run({}, { runId: 'run' }).catch(() => undefined);
  return StepIndex.of(await collected(store.read('run')));
}

it.each([
  { isFedIn: true, rank: 'recorded' },
  { isFedIn: false, rank: 'unmet' },
])('an attempt whose node is fed in ($isFedIn) is waited for as $rank', async ({ isFedIn, rank }) => {
  const recorded = (await timedOut()).attempt('1.0#1' as AttemptKey);
  const watched: Idle[] = [];
  const quiet = { when: (idle: Idle) => watched.push(idle) } as unknown as Quiet;
  const at = '1.0#1' as AttemptKey;
  watchAttempt(
    { at, partner: at, recorded, isFedIn, timeoutMs: 20, expire: () => undefined },
    { controlled: undefined, quiet },
  );
  expect(watched).toMatchObject([{ rank }]);
  if (isFedIn) return;
  const [effect] = recorded?.effects ?? [];
  recorded?.take(effect as never);
  expect(watched).toMatchObject([{ rank: 'recorded' }]);
});
