// A browser that has followed a run to its pause or failure, and follows it once it was resumed: with the cursor of its last item.
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, text } from '../../../src/index.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import type { Engine } from '../../../src/index.ts';
import { eventStreamResponse } from '../../../src/live/sse/index.ts';

type Stops = 'asks' | 'receives' | 'fails';

function stopping(how: Stops) {
  let isDown = true;
  return graph('stopping', { state: fields({ paid: last(''), letter: text() }) })
    .node('pay', async (_state, { ask, receive }) => {
      if (how === 'asks') await ask('pay?', { name: 'pay' });
      else if (how === 'receives') await receive('paid');
      else if (isDown) {
        isDown = false;
        throw new Error('down');
      }
    })
    .node('tell', async function* () {
      for (const letter of ['a', 'b', 'c']) yield { letter };
    })
    .edge('pay', 'tell')
    .start('pay')
    .build();
}

interface Event {
  readonly id: string;
  readonly item: { readonly kind: string; readonly cursor: string; readonly chunk?: { readonly letter: string } };
}

async function eventsOf(response: Response): Promise<readonly Event[]> {
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  return events.map((event) => {
    const [, id = '', data = ''] = /^id: (.*)\ndata: (.*)$/.exec(event) ?? [];
    return { id, item: JSON.parse(data) as Event['item'] };
  });
}

async function resumed(engine: Engine<object, object>, how: Stops): Promise<AnyRun> {
  if (how === 'asks') return engine.resume('run', { answer: true });
  if (how === 'receives') await engine.send('run', 'paid', true);
  return engine.resume('run');
}

const orders = ['arrival', 'canonical'] as const;
const cases = (['asks', 'receives', 'fails'] as const).flatMap((how) => orders.map((order) => [how, order] as const));

describe('a run over server-sent events', () => {
  it.each(cases)('that %s and was resumed gives the rest, in %s order', async (how, order) => {
    await using engine = createEngine(stopping(how), { store: memoryStore() });
    const status = how === 'fails' ? 'failed' : 'paused';
    expect((await engine.run({}, { runId: 'run' })).status).toBe(status);
    const answer = (from?: string): Response =>
      eventStreamResponse(engine.read('run', from === undefined ? { order } : { order, from }));
    const end = (await eventsOf(answer())).at(-1) as Event;
    expect(end.item).toMatchObject({ kind: 'done', run: { status } });
    // An `EventSource` sends the id. There is nothing for it to wait for.
    expect(answer(end.id).status).toBe(204);
    expect((await resumed(engine as never, how)).status).toBe('done');
    const rest = await eventsOf(answer(end.item.cursor));
    expect(rest.map(({ item }) => item.chunk?.letter ?? item.kind)).toEqual(['a', 'b', 'c', 'done']);
    const [whole] = rest.slice(-1) as [Event];
    expect(answer(whole.id).status).toBe(204);
    expect(answer(whole.item.cursor).status).toBe(204);
  });
});
