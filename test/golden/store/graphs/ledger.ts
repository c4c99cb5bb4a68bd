import { fields, graph, last, max, merge, min, reduce, sum, text, union, upsert } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

export interface OddValues {
  readonly bytes: Uint8Array;
  readonly count: bigint;
  readonly date: Date;
  readonly map: ReadonlyMap<string, ReadonlySet<number>>;
  readonly nothing: undefined;
  readonly numbers: readonly number[];
  readonly record: { readonly [key: string]: number };
  readonly set: ReadonlySet<string | bigint>;
}

export function oddValues(): OddValues {
  return {
    bytes: new Uint8Array([0, 255, 128]),
    count: 12_345_678_901_234_567_890n,
    date: new Date('2026-11-23T01:02:03.004Z'),
    map: new Map([
      ['a', new Set([1])],
      ['', new Set()],
    ]),
    nothing: undefined,
    numbers: [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1],
    record: JSON.parse('{"__proto__":1,"constructor":2,"$date":3,"$$":4}') as { readonly [key: string]: number },
    set: new Set(['a', 2n]),
  };
}

export const roundCount = 4;

/** Commits once a round. */
export function ledger(ask: Ask): AnyGraph {
  return graph('ledger', {
    state: fields({ kept: last(new Map<string, bigint>()), note: last(''), rounds: sum(), said: text() }),
  })
    .node('begin', (_state, { label }) => {
      label('begun');
      return { delta: { kept: new Map([['first', 1n]]) } };
    })
    .node('turn', async ({ rounds, said }, context) => ({
      delta: { rounds: 1, said: `${said}${await ask(context, 'turn', `round ${rounds}`)}; ` },
    }))
    .node('close', async ({ rounds, note }, context) => ({
      delta: { note: await ask(context, 'close', `${rounds} rounds, note "${note}"`) },
    }))
    .edge('begin', 'turn')
    .edge('turn', 'turn', { when: ({ rounds }) => rounds < roundCount })
    .edge('turn', 'close', { when: ({ rounds }) => rounds === roundCount })
    .start('begin')
    .build();
}

export const longText = 'Long enough to be stored in parts. '.repeat(112);

/** Most kinds of fields, values that JSON cannot express, and a text long enough to be stored in parts. */
export function archive(ask: Ask): AnyGraph {
  return graph('archive', {
    state: fields({
      kept: upsert<{ readonly id: string; readonly round: number }>('id'),
      least: min(),
      long: reduce((long: string, next: string) => (next.length > long.length ? next : long), ''),
      most: max(),
      names: union<string>(),
      odd: last<OddValues | null>(null),
      rounds: sum(),
      seen: merge<{ readonly [round: string]: bigint }>(),
    }),
  })
    .node('begin', () => ({ delta: { odd: oddValues(), long: longText } }))
    .node('turn', async ({ rounds }, context) => ({
      delta: {
        kept: [
          { id: 'latest', round: rounds },
          { id: `round ${rounds}`, round: rounds },
        ],
        least: -rounds,
        long: await ask(context, 'turn', `round ${rounds}`),
        most: rounds,
        names: [`even ${rounds % 2 === 0}`],
        rounds: 1,
        seen: { [`round ${rounds}`]: BigInt(rounds) },
      },
    }))
    .edge('begin', 'turn')
    .edge('turn', 'turn', { when: ({ rounds }) => rounds < roundCount })
    .start('begin')
    .build();
}
