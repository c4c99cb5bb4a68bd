import { append, fields, graph, input } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'attempts that time out, clean up, and are tried again',
  make: () =>
    graph('locks', { state: fields({ found: append<string>() }), inputs: { write: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b'].map((id) => send('write', { id })) }))
      .node(
        'write',
        async (_state, { input: { id }, effect, onStop, attempt }) => {
          onStop(({ effect: release }) => release('unlock', { id }, async () => 'unlocked'));
          await effect('lock', { id, attempt }, async () => 'locked');
          if (attempt === 1) await effect('slow', { id }, () => new Promise<string>(() => undefined));
          return { delta: { found: [`${id} in attempt ${attempt}`] } };
        },
        { timeoutMs: 40, retry: { attempts: 2, delayMs: 5 } },
      )
      .start('plan')
      .build(),
};
