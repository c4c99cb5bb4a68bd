// One graph in two versions: a run starts on the old one and finishes on the new one.
import { append, fields, graph, last, sum } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

export function growingOld(ask: Ask): AnyGraph {
  return graph('growing', {
    state: fields({ gone: last('goes'), log: append<string>(), note: last('begun') }),
    version: 'old',
  })
    .node('one', async (_state, context) => ({ delta: { log: [await ask(context, 'one', 'first')], note: 'one' } }))
    .node('two', async ({ log }, context) => ({ delta: { log: [await ask(context, 'two', `${log.length} before`)] } }))
    .edge('one', 'two')
    .start('one')
    .build();
}

/** Drops a field, adds one, migrates one, and allows more attempts. */
export function growingNew(ask: Ask): AnyGraph {
  return graph('growing', {
    state: fields({ count: sum(), log: append<string>(), note: last('begun') }),
    version: 'new',
    migrate: ({ gone, log, note }, from) => ({
      count: (log as readonly string[]).length,
      log: [...(log as readonly string[])],
      note: `${String(note)} ${String(gone)} since ${from}`,
    }),
  })
    .node('one', async (_state, context) => ({ delta: { log: [await ask(context, 'one', 'first')], note: 'one' } }))
    .node(
      'two',
      async ({ log }, context) => ({ delta: { count: 1, log: [await ask(context, 'two', `${log.length} before`)] } }),
      { retry: { attempts: 2 } },
    )
    .edge('one', 'two')
    .start('one')
    .build();
}
