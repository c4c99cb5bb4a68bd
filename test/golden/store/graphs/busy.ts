import { append, failure, fields, graph } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import { neverAnswered } from './outside.ts';
import type { Ask } from './outside.ts';

/** One step whose tasks can be caught in every state a task has, and joins with some of their arrivals. */
export function busy(ask: Ask): AnyGraph {
  return graph('busy', { state: fields({ log: append<string>() }), inputs: { rescue: failure() } })
    .node('begin', (_state, { emit, label }) => {
      emit('begun', { nodes: 6 });
      label('all at once');
    })
    .node('done', async (_state, context) => ({ delta: { log: [await ask(context, 'done', 'all')] } }))
    .node('half', async (_state, context) => {
      context.emit('half', 1);
      const first = await ask(context, 'first', 'half');
      context.emit('half', new Set([2n]), { stream: 'side' });
      const both = await Promise.all([ask(context, 'left', 'half'), ask(context, 'right', 'half')]);
      context.emit('half', 3);
      return { delta: { log: [first, ...both] } };
    })
    .node(
      'retried',
      async (_state, context) => {
        const tried = await ask(context, 'try', `attempt ${context.attempt}`);
        if (context.attempt === 1)
          throw Object.assign(new TypeError('not yet'), { code: 'E_LATER', cause: new Error('busy') });
        return { delta: { log: [tried] } };
      },
      { retry: { attempts: 2, delayMs: 3_000 } },
    )
    .node(
      'timed',
      async (_state, context) => {
        const quick = await ask(context, 'quick', `attempt ${context.attempt}`);
        if (context.attempt === 1) await ask(context, neverAnswered, 'timed');
        return { delta: { log: [quick] } };
      },
      { retry: { attempts: 2 }, timeoutMs: 400 },
    )
    .node('open', async (_state, context) => {
      const prepared = await ask(context, 'prepare', 'open');
      return { delta: { log: [prepared, await ask(context, 'open', 'once', { once: true })] } };
    })
    .node(
      'broken',
      () => {
        throw new RangeError('always');
      },
      { onError: 'rescue' },
    )
    .node('rescue', (_state, { input: { node, code, message } }) => ({
      delta: { log: [`${node} ${code} ${message}`] },
    }))
    .node('finish', async (_state, context) => ({ delta: { log: [await ask(context, 'finish', 'both')] } }))
    .node('last', ({ log }) => ({ delta: { log: [`${log.length} before`] } }))
    .edge('begin', 'done')
    .edge('begin', 'half')
    .edge('begin', 'retried')
    .edge('begin', 'timed')
    .edge('begin', 'open')
    .edge('begin', 'broken')
    .join(['done', 'half'], 'finish')
    .join(['begin', 'finish'], 'last')
    .start('begin')
    .build();
}
