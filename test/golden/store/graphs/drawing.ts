import { append, fields, graph } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

interface Drawn {
  readonly id: string;
  readonly named: number;
  readonly number: number;
  readonly other: string;
}

/** Draws and reads the time, sends the result outside, and does both again. */
export function drawing(ask: Ask): AnyGraph {
  return graph('drawing', {
    state: fields({ drawn: append<Drawn>(), log: append<string>(), times: append<number>() }),
  })
    .node('draw', async (_state, context) => {
      const { now, random, uuid } = context;
      const drawOnce = (): Drawn => ({ number: random(), named: random('named'), id: uuid(), other: uuid('other') });
      const drawn = [drawOnce()];
      const times = [now('start'), now()];
      const log = [await ask(context, 'tell', JSON.stringify({ id: drawn[0]?.id, times }))];
      drawn.push(drawOnce());
      times.push(now());
      log.push(await ask(context, 'retell', JSON.stringify({ id: drawn[1]?.id, count: times.length })));
      return { delta: { drawn, log, times } };
    })
    .start('draw')
    .build();
}
