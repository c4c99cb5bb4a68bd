// Small graphs that the tests of observers run.
import { fields, graph, sum } from '../../src/index.ts';

/** As many steps as are wanted, none of which waits: the whole run is one turn of the event loop. */
export const counter = graph('counter', { state: fields({ count: sum(), wanted: sum() }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .edge('increase', 'increase', { when: ({ count, wanted }) => count < wanted })
  .start('increase')
  .build();

/** Pauses for a number, and counts by it. */
export const asking = graph('asking', { state: fields({ count: sum() }) })
  .node('ask', async (_state, { ask }) => ({ delta: { count: Number(await ask('how many?')) } }))
  .start('ask')
  .build();
