// Reducers with one fault each, and the law that finds it.
import type { BadPlant, Plant } from './plant.ts';

function plant<Value, Delta>(
  given: Omit<BadPlant, 'make' | 'initial' | 'deltas'> & {
    readonly make: () => (value: Value, delta: Delta) => unknown;
    readonly initial: Value;
    readonly deltas: readonly Delta[];
  },
): BadPlant {
  return given as Plant as BadPlant;
}

interface Finding {
  readonly id: string;
  readonly score: number;
}

export const badReducers: Readonly<Record<string, BadPlant>> = {
  'adds fractions and promises any order': plant({
    make: () => (total: number, cost: number) => total + cost,
    initial: 0,
    promises: ['order-independent'],
    deltas: [0.5, 1.25],
    breaks: 'order-independent',
    deltasMax: 3,
  }),
  'keeps a set in the order of its writers and promises any order': plant({
    make: () => (set: ReadonlySet<string>, item: string) => new Set([...set, item]),
    initial: new Set<string>(),
    promises: ['order-independent'],
    deltas: ['storage', 'formats'],
    breaks: 'order-independent',
    deltasMax: 2,
  }),
  'pushes into its value': plant({
    make: () => (list: string[], item: string) => {
      list.push(item);
      return list;
    },
    initial: [] as string[],
    deltas: ['one', 'two'],
    breaks: 'unmutated',
    deltasMax: 1,
  }),
  'changes a part of its value and copies the rest': plant({
    make: () => (state: { by: { count: number } }, count: number) => {
      state.by.count += count;
      return { ...state };
    },
    initial: { by: { count: 0 } },
    deltas: [1, 2],
    breaks: 'unmutated',
    deltasMax: 1,
  }),
  'sorts its delta in place': plant({
    make: () => (list: readonly number[], more: number[]) => [...list, ...more.sort((a, b) => a - b)],
    initial: [] as readonly number[],
    deltas: [[3, 1], [2]],
    breaks: 'unmutated',
    deltasMax: 1,
  }),
  'counts in a variable of its module': plant({
    make: () => {
      let count = 0;
      return (list: readonly object[], text: string) => {
        count += 1;
        return [...list, { id: count, text }];
      };
    },
    initial: [] as readonly object[],
    deltas: ['first', 'second'],
    breaks: 'pure',
    deltasMax: 1,
  }),
  'remembers what it has seen': plant({
    make: () => {
      const seen = new Set<string>();
      return (list: readonly string[], text: string) => {
        if (seen.has(text)) return list;
        seen.add(text);
        return [...list, text];
      };
    },
    initial: [] as readonly string[],
    deltas: ['first', 'second'],
    breaks: 'pure',
    deltasMax: 1,
  }),
  'finds equal objects by reference': plant({
    make: () => (list: readonly Finding[], finding: Finding) => (list.includes(finding) ? list : [...list, finding]),
    initial: [] as readonly Finding[],
    deltas: [{ id: 'x', score: 2 }],
    breaks: 'pure',
    deltasMax: 2,
  }),
  'writes down the time': plant({
    make: () => (list: readonly object[], text: string) => [...list, { text, at: Date.now() }],
    initial: [] as readonly object[],
    deltas: ['first'],
    breaks: 'deterministic',
    deltasMax: 1,
  }),
  'draws a random id': plant({
    make: () => (list: readonly object[], text: string) => [...list, { text, id: crypto.randomUUID() }],
    initial: [] as readonly object[],
    deltas: ['first'],
    breaks: 'deterministic',
    deltasMax: 1,
  }),
  'throws on an empty list': plant({
    make: () => (best: number, scores: readonly number[]) =>
      Math.max(
        best,
        scores.reduce((a, b) => Math.max(a, b)),
      ),
    initial: 0,
    deltas: [[1], [2, 3]],
    breaks: 'total',
    deltasMax: 1,
  }),
  'takes inherited properties for groups': plant({
    make: () => (groups: Readonly<Record<string, readonly number[]>>, given: { topic: string; page: number }) => ({
      ...groups,
      [given.topic]: [...(groups[given.topic] ?? []), given.page],
    }),
    initial: {},
    deltas: [
      { topic: 'apples and pears', page: 1 },
      { topic: 'figs', page: 20 },
    ],
    breaks: 'total',
    deltasMax: 1,
  }),
  'counts words in an object with a prototype and promises any order': plant({
    make: () => (counts: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>) => {
      const next: Record<string, number> = { ...counts };
      for (const [word, count] of Object.entries(more)) next[word] = (next[word] ?? 0) + count;
      return next;
    },
    initial: {},
    promises: ['order-independent'],
    deltas: [{ storage: 1 }, { formats: 2, paper: 1 }],
    breaks: 'order-independent',
    deltasMax: 2,
  }),
  'divides by a count that may be 0': plant({
    make:
      () =>
      (_: object, { total, count }: { total: number; count: number }) => ({ mean: total / count }),
    initial: { mean: 0 },
    deltas: [{ total: 4, count: 2 }],
    breaks: 'total',
    deltasMax: 1,
  }),
  'forgets to return': plant({
    make: () => (text: string, more: string) => {
      if (more !== '') return text + more;
    },
    initial: 'a',
    deltas: ['b', 'c d'],
    breaks: 'total',
    deltasMax: 1,
  }),
  'is async': plant({
    make: () => (list: readonly string[], text: string) => Promise.resolve([...list, text]),
    initial: [] as readonly string[],
    deltas: ['a'],
    breaks: 'total',
    deltasMax: 1,
  }),
  'appends and promises to be idempotent': plant({
    make: () => (list: readonly string[], more: readonly string[]) => [...list, ...more],
    initial: [] as readonly string[],
    promises: ['associative', 'idempotent'],
    deltas: [['a', 'b'], ['c'], []],
    breaks: 'idempotent',
    deltasMax: 1,
  }),
  'takes the last write and promises any order': plant({
    make: () => (_: string, text: string) => text,
    initial: '',
    promises: ['order-independent'],
    deltas: ['draft one', 'draft two'],
    breaks: 'order-independent',
    deltasMax: 2,
  }),
  'takes the first of equal scores and promises any order': plant({
    make: () => (best: Finding, other: Finding) => (other.score > best.score ? other : best),
    initial: { id: '', score: 0 },
    promises: ['order-independent'],
    deltas: [
      { id: 'x', score: 2 },
      { id: 'y', score: 3 },
    ],
    breaks: 'order-independent',
    deltasMax: 2,
  }),
  'takes the mean of both and promises any grouping': plant({
    make: () => (value: number, other: number) => (value + other) / 2,
    initial: 0,
    promises: ['associative'],
    deltas: [1, 5],
    breaks: 'associative',
    deltasMax: 2,
  }),
  'joins texts with a space and promises that an empty one changes nothing': plant({
    make: () => (text: string, more: string) => `${text} ${more}`,
    initial: '',
    promises: ['identity'],
    deltas: ['once', 'upon a time'],
    breaks: 'identity',
    deltasMax: 1,
  }),
  // Thought of after all of the above were found.
  'assigns into its value': plant({
    make: () => (state: { readonly topic: string }, delta: { readonly topic: string }) => Object.assign(state, delta),
    initial: { topic: 'none' },
    deltas: [{ topic: 'storage and formats' }],
    breaks: 'unmutated',
    deltasMax: 1,
  }),
  'sets an entry of its map': plant({
    make: () => (map: Map<string, number>, key: string) => map.set(key, 1),
    initial: new Map<string, number>(),
    deltas: ['a key'],
    breaks: 'unmutated',
    deltasMax: 1,
  }),
  'keeps its last result by the delta alone': plant({
    make: () => {
      let last: { readonly text: string; readonly result: readonly string[] } | undefined;
      return (list: readonly string[], text: string) => {
        if (last?.text !== text) last = { text, result: [...list, text] };
        return last.result;
      };
    },
    initial: [] as readonly string[],
    deltas: ['a text', 'another text'],
    breaks: 'pure',
    deltasMax: 2,
  }),
  'uses an expression that remembers where it was': plant({
    make: () => {
      const pattern = /a/g;
      return (count: number, text: string) => (pattern.test(text) ? count + 1 : count);
    },
    initial: 0,
    deltas: ['a man, a plan', 'nothing'],
    breaks: 'pure',
    deltasMax: 1,
  }),
  'counts from nothing': plant({
    make: () => (counts: Readonly<Record<string, number>>, word: string) => ({
      ...counts,
      [word]: (counts[word] as number) + 1,
    }),
    initial: {},
    deltas: ['two words'],
    breaks: 'total',
    deltasMax: 1,
  }),
  'gives back a function for large numbers': plant({
    make: () => (_: object, number: number) => ({ later: number > 100 ? () => number : number }),
    initial: { later: 0 },
    deltas: [1, 250],
    breaks: 'total',
    deltasMax: 1,
  }),
  shuffles: plant({
    make: () => (list: readonly string[], more: readonly string[]) =>
      [...list, ...more].sort(() => Math.random() - 0.5),
    initial: [] as readonly string[],
    deltas: [['a', 'b'], ['c']],
    breaks: 'deterministic',
    deltasMax: 1,
  }),
  'keeps a running mean and promises any order': plant({
    make:
      () =>
      ({ count, mean }: { readonly count: number; readonly mean: number }, value: number) => ({
        count: count + 1,
        mean: mean + (value - mean) / (count + 1),
      }),
    initial: { count: 0, mean: 0 },
    promises: ['order-independent'],
    deltas: [0.5, 2.25],
    breaks: 'order-independent',
    deltasMax: 3,
  }),
  'switches on and off and promises to be idempotent': plant({
    make: () => (on: readonly string[], name: string) =>
      on.includes(name) ? on.filter((one) => one !== name) : [...on, name],
    initial: [] as readonly string[],
    promises: ['idempotent'],
    deltas: ['the light', 'the heating'],
    breaks: 'idempotent',
    deltasMax: 1,
  }),
};
