// Reducers without a fault, some of which look like one.
import type { Plant } from './plant.ts';

function plant<Value, Delta>(
  given: Omit<Plant, 'make' | 'initial' | 'deltas'> & {
    readonly make: () => (value: Value, delta: Delta) => unknown;
    readonly initial: Value;
    readonly deltas: readonly Delta[];
  },
): Plant {
  return given as Plant;
}

interface Finding {
  readonly id: string;
  readonly score: number;
}
interface Versioned {
  readonly id: string;
  readonly version: number;
}
type Action = { readonly kind: 'add'; readonly item: Finding } | { readonly kind: 'remove'; readonly id: string };

const ranks: Readonly<Record<string, { readonly weight: number }>> = { high: { weight: 3 }, low: { weight: 1 } };

export const rightReducers: Readonly<Record<string, Plant>> = {
  'adds whole numbers': plant({
    make: () => (total: number, tokens: number) => total + tokens,
    initial: 0,
    promises: ['order-independent', 'associative', 'identity'],
    deltas: [120, 3_400, 17],
  }),
  'takes the largest': plant({
    make: () => (value: number, other: number) => Math.max(value, other),
    initial: Number.NEGATIVE_INFINITY,
    promises: ['order-independent', 'associative', 'idempotent', 'identity'],
    deltas: [0.5, 2.25, -1],
  }),
  'unites sorted lists': plant({
    make: () => (list: readonly string[], more: readonly string[]) => [...new Set([...list, ...more])].sort(),
    initial: [] as readonly string[],
    promises: ['order-independent', 'idempotent', 'identity'],
    deltas: [['b', 'a'], ['c'], []],
  }),
  'appends lists': plant({
    make: () => (list: readonly string[], more: readonly string[]) => [...list, ...more],
    initial: [] as readonly string[],
    promises: ['associative', 'identity'],
    deltas: [['b', 'a'], ['c']],
  }),
  'appends one item': plant({
    make: () => (list: readonly Finding[], finding: Finding) => [...list, finding],
    initial: [] as readonly Finding[],
    deltas: [{ id: 'x', score: 1 }],
  }),
  'counts words in a map': plant({
    make: () => (counts: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>) => {
      const next = new Map(Object.entries(counts));
      for (const [word, count] of Object.entries(more)) next.set(word, (next.get(word) ?? 0) + count);
      return Object.fromEntries(next);
    },
    initial: {},
    promises: ['order-independent', 'associative', 'identity'],
    deltas: [{ storage: 1 }, { formats: 2, paper: 1 }],
  }),
  'groups with own properties only': plant({
    make: () => (groups: ReadonlyMap<string, readonly number[]>, given: { topic: string; page: number }) =>
      new Map(groups).set(given.topic, [...(groups.get(given.topic) ?? []), given.page]),
    initial: new Map<string, readonly number[]>(),
    deltas: [
      { topic: 'apples', page: 1 },
      { topic: 'figs', page: 20 },
    ],
  }),
  'keeps the best, and of equals the one with the first id': plant({
    make: () => (best: Finding, other: Finding) => {
      if (other.score !== best.score) return other.score > best.score ? other : best;
      return other.id < best.id ? other : best;
    },
    initial: { id: '', score: 0 },
    promises: ['order-independent', 'associative', 'idempotent'],
    deltas: [
      { id: 'x', score: 2 },
      { id: 'y', score: 3 },
    ],
  }),
  'knows two actions and refuses others without a code': plant({
    make: () => (list: readonly Finding[], action: Action) => {
      switch (action.kind) {
        case 'add':
          return [...list.filter(({ id }) => id !== action.item.id), action.item];
        case 'remove':
          return list.filter(({ id }) => id !== action.id);
        default:
          throw new TypeError('an unknown action');
      }
    },
    initial: [] as readonly Finding[],
    promises: ['idempotent'],
    deltas: [
      { kind: 'add', item: { id: 'x', score: 2 } },
      { kind: 'remove', id: 'x' },
      { kind: 'add', item: { id: 'y', score: 1 } },
    ] as readonly Action[],
  }),
  'takes the later of two dates, and throws on what is not one': plant({
    make: () => (latest: string, date: string) => {
      if (Number.isNaN(Date.parse(date))) throw new RangeError('not a date');
      return date > latest ? date : latest;
    },
    initial: '',
    promises: ['order-independent', 'idempotent'],
    deltas: ['2026-11-28T10:00:00.000Z', '2026-11-27T09:30:00.000Z'],
  }),
  'refuses long texts with a code': plant({
    make: () => (text: string, more: string) => {
      if (more.length > 3) throw Object.assign(new Error('too long'), { code: 'text-too-long' });
      return text + more;
    },
    initial: '',
    promises: ['identity'],
    deltas: ['abc', 'de'],
  }),
  'looks words up that it knows': plant({
    make:
      () =>
      (total: number, { priority }: { priority: string }) =>
        total + (ranks[priority] as { readonly weight: number }).weight,
    initial: 0,
    promises: ['order-independent'],
    deltas: ['high', 'low', 'low', 'high', 'high', 'low'].map((priority) => ({ priority })),
  }),
  'adds vectors of one length': plant({
    make: () => (vector: readonly number[], more: readonly number[]) =>
      vector.map((value, place) => value + (more[place] as number)),
    initial: [0, 0, 0],
    promises: ['order-independent', 'associative'],
    deltas: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  }),
  'remembers a pure result': plant({
    make: () => {
      const lengths = new Map<string, number>();
      return (total: number, text: string) => {
        const length = lengths.get(text) ?? text.length;
        lengths.set(text, length);
        return total + length;
      };
    },
    initial: 0,
    promises: ['order-independent'],
    deltas: ['one', 'three'],
  }),
  'counts the hosts of addresses': plant({
    make: () => (counts: ReadonlyMap<string, number>, address: string) => {
      const { host } = new URL(address);
      const next = new Map(counts);
      return new Map([...next.set(host, (next.get(host) ?? 0) + 1)].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    initial: new Map<string, number>(),
    promises: ['order-independent'],
    deltas: ['https://a.example/x', 'https://b.example/y'],
  }),
  'keeps the later of two times': plant({
    make: () => (latest: Date, time: Date) => (time > latest ? time : latest),
    initial: new Date(0),
    promises: ['order-independent', 'associative', 'idempotent', 'identity'],
    deltas: [new Date('2026-11-28'), new Date('2026-11-27')],
  }),
  'changes a copy of a part': plant({
    make: () => (state: { readonly by: { readonly count: number } }, count: number) => ({
      ...state,
      by: { ...state.by, count: state.by.count + count },
    }),
    initial: { by: { count: 0 } },
    promises: ['order-independent'],
    deltas: [1, 2],
  }),
  'keeps the last three': plant({
    make: () => (list: readonly string[], more: readonly string[]) => [...list, ...more].slice(-3),
    initial: [] as readonly string[],
    promises: ['associative', 'identity'],
    deltas: [['a'], ['b', 'c', 'd', 'e']],
  }),
  // Thought of after nothing was found in any of the above.
  'adds fractions and promises nothing': plant({
    make: () => (total: number, cost: number) => total + cost,
    initial: 0,
    deltas: [1.5, 2.25],
  }),
  'starts over with null': plant({
    make: () => (list: readonly string[], more: readonly string[] | null) => (more === null ? [] : [...list, ...more]),
    initial: [] as readonly string[],
    deltas: [null, ['a'], ['b', 'c']],
  }),
  'adds large integers': plant({
    make: () => (total: bigint, more: bigint) => total + more,
    initial: 0n,
    promises: ['order-independent', 'associative', 'identity'],
    deltas: [12n, 300n],
  }),
  'adds numbers in texts': plant({
    make: () => (total: string, more: string) => String(BigInt(total) + BigInt(more)),
    initial: '0',
    promises: ['order-independent', 'associative'],
    deltas: ['12', '300'],
  }),
  'reads JSON': plant({
    make: () => (total: number, text: string) => total + (JSON.parse(text) as { readonly n: number }).n,
    initial: 0,
    promises: ['order-independent'],
    deltas: ['{"n":3}', '{"n":4}'],
  }),
  'makes its table when it is first called': plant({
    make: () => {
      let table: ReadonlyMap<string, number> | undefined;
      return (total: number, word: string) => {
        table ??= new Map([['storage', 4]]);
        return total + (table.get(word) ?? 1);
      };
    },
    initial: 0,
    promises: ['order-independent'],
    deltas: ['storage and', 'formats and'],
  }),
  'takes newer versions only': plant({
    make: () => (list: readonly Versioned[], record: Versioned) => {
      const known = list.find(({ id }) => id === record.id);
      if (known !== undefined && known.version >= record.version) return list;
      return [...list.filter(({ id }) => id !== record.id), record];
    },
    initial: [] as readonly Versioned[],
    promises: ['idempotent'],
    deltas: [
      { id: 'x', version: 1 },
      { id: 'x', version: 2 },
      { id: 'y', version: 1 },
    ],
  }),
  'joins bytes': plant({
    make: () => (bytes: Uint8Array, more: Uint8Array) => new Uint8Array([...bytes, ...more]),
    initial: new Uint8Array(),
    promises: ['associative', 'identity'],
    deltas: [new Uint8Array([1, 2]), new Uint8Array([3])],
  }),
};
