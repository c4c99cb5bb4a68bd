// Graphs that wait for time or for people.
import { append, fields, graph, input, last } from '../../../../src/index.ts';
import type { AnyGraph, StandardSchema } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

/** Sleeps in one task and waits for a retry in another. */
export function resting(ask: Ask): AnyGraph {
  return graph('resting', { state: fields({ log: append<string>() }) })
    .node('begin', () => ({}))
    .node('nap', async (_state, context) => {
      const before = await ask(context, 'lie down', 'nap');
      await context.sleep(20_000);
      return { delta: { log: [before, await ask(context, 'get up', 'nap')] } };
    })
    .node(
      'try',
      async (_state, context) => {
        const tried = await ask(context, 'try', `attempt ${context.attempt}`);
        if (context.attempt === 1) throw new Error('not yet');
        return { delta: { log: [tried] } };
      },
      { retry: { attempts: 2, delayMs: 25_000 } },
    )
    .edge('begin', 'nap')
    .edge('begin', 'try')
    .start('begin')
    .build();
}

/** Takes any text and gives it back in capitals. */
const capitals: StandardSchema<string, string> = {
  '~standard': {
    version: 1,
    vendor: 'format-store',
    validate: (given) =>
      typeof given === 'string' ? { value: given.toUpperCase() } : { issues: [{ message: 'it is no text' }] },
  },
};

interface Asked {
  readonly name: string;
  readonly timeoutMs?: number;
}

/** Asks each question in a task of its own, beside a task that works. */
export function asking(ask: Ask): AnyGraph {
  return graph('asking', {
    state: fields({ log: append<string>(), questions: last<readonly Asked[]>() }),
    inputs: { question: input<Asked>(), work: input<string>() },
  })
    .node('begin', ({ questions }, { send }) => ({
      route: [...questions.map((asked) => send('question', asked)), send('work', 'beside them')],
    }))
    .node('question', async (_state, context) => {
      const { name, timeoutMs } = context.input;
      const log = [await ask(context, 'prepare', name)];
      try {
        const options = { name, schema: capitals, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
        log.push(await context.ask({ text: `${name}?`, of: log }, options));
      } catch (thrown) {
        log.push(String((thrown as { readonly code?: unknown }).code));
      }
      return { delta: { log: [...log, await ask(context, 'file', name)] } };
    })
    .node('work', async (_state, context) => {
      const begun = await ask(context, 'work', context.input);
      return { delta: { log: [begun, await ask(context, 'work on', context.input)] } };
    })
    .start('begin')
    .build();
}
