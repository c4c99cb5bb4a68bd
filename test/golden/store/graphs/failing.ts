import { append, fields, graph, last } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

/** `shaky` fails in its first `attempts` attempts, beside siblings that are done or still running. */
export function failing(ask: Ask): AnyGraph {
  return graph('failing', { state: fields({ attempts: last(1), log: append<string>() }) })
    .node('begin', () => ({}))
    .node('steady', async (_state, context) => ({ delta: { log: [await ask(context, 'steady', 'rank 0')] } }))
    .node(
      'shaky',
      async ({ attempts }, context) => {
        const shaken = await ask(context, 'shaken', 'rank 1');
        const tried = await ask(context, 'try', `attempt ${context.attempt}`);
        if (context.attempt <= attempts) throw new Error(`attempt ${context.attempt} failed`);
        return { delta: { log: [shaken, tried] } };
      },
      { retry: { attempts: 2 } },
    )
    .node('swift', async (_state, context) => ({ delta: { log: [await ask(context, 'swift', 'rank 2')] } }))
    .node('slow', async (_state, context) => {
      const first = await ask(context, 'slow', 'rank 3');
      return { delta: { log: [first, await ask(context, 'slower', 'rank 3')] } };
    })
    .node('finish', async (_state, context) => ({ delta: { log: [await ask(context, 'finish', 'all')] } }))
    .edge('begin', 'steady')
    .edge('begin', 'shaky')
    .edge('begin', 'swift')
    .edge('begin', 'slow')
    .join(['steady', 'shaky', 'swift', 'slow'], 'finish')
    .start('begin')
    .build();
}
