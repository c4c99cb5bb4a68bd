import { append, fields, graph } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

const depthMax = 3;

/** A subgraph inside a subgraph, each with several steps. The first item of `log` selects what the innermost does. */
export function nested(ask: Ask): AnyGraph {
  const state = () => fields({ log: append<string>() });
  const deep = graph('deep', { state: state() })
    .node('dig', async ({ log: [mode, ...dug] }, context) => {
      const depth = depthOf(dug);
      const log = [await ask(context, 'dig', `depth ${depth}`)];
      if (depth !== 1) return { delta: { log } };
      if (mode === 'ask') log.push(await context.ask<string>('deeper?'));
      const isFirst = context.key.startsWith('1.0#1/');
      if (isFirst && mode === 'retry') throw new Error('too deep');
      if (isFirst && mode === 'fail') throw new Error('too deep for now');
      return { delta: { log } };
    })
    .edge('dig', 'dig', { when: ({ log }) => depthOf(log) < depthMax })
    .start('dig')
    .build();
  const middle = graph('middle', { state: state() })
    .node('enter', async (_state, context) => ({ delta: { log: [await ask(context, 'enter', 'middle')] } }))
    .subgraph('deep', deep, { input: ({ log }) => ({ log: log.slice(0, 1) }), output: ({ log }) => ({ log }) })
    .edge('enter', 'deep')
    .start('enter')
    .build();
  return graph('nested', { state: state() })
    .subgraph(
      'middle',
      middle,
      { input: ({ log }) => ({ log: log.slice(0, 1) }), output: ({ log }) => ({ log }) },
      { retry: { attempts: 2, when: (error) => (error as Error).message === 'too deep' } },
    )
    .start('middle')
    .build();
}

function depthOf(log: readonly string[]): number {
  return log.filter((word) => word.startsWith('dig of')).length;
}
