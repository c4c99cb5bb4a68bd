import { append, fields, graph, last } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

type Doubt = 'retry' | 'fail' | 'ask' | 'once';

/** Pays, and logs the answer or the error's code. */
export function paying(ask: Ask): AnyGraph {
  return graph('paying', { state: fields({ doubt: last<Doubt>(), log: append<string>() }) })
    .node('pay', async ({ doubt }, context) => {
      const log = [await ask(context, 'prepare', 'a payment')];
      try {
        log.push(await ask(context, 'pay', '3 coins', doubt === 'once' ? { once: true } : { onDoubt: doubt }));
      } catch (thrown) {
        log.push(String((thrown as { readonly code?: unknown }).code));
      }
      return { delta: { log: [...log, await ask(context, 'file', log.join(', '))] } };
    })
    .start('pay')
    .build();
}

/** Books a seat with `once`, fails, and books the other seat in its second attempt. */
export function booking(ask: Ask): AnyGraph {
  return graph('booking', { state: fields({ log: append<string>() }) })
    .node(
      'book',
      async (_state, context) => {
        const seats = [await ask(context, 'book', 'left', { once: true })];
        if (context.attempt === 1) throw new Error('fails after booking');
        seats.push(await ask(context, 'book', 'right', { once: true }));
        return { delta: { log: [...seats, await ask(context, 'tell', seats.join(', '))] } };
      },
      { retry: { attempts: 2 } },
    )
    .start('book')
    .build();
}
