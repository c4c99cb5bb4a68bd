// Ways in which code keeps something between two calls, each of them a function that changes it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Account, account, lookUp, Quiet } from './library.ts';

let plain = 0;
const list: number[] = [];
const kept = { n: 0 };
const map = new Map<string, { n: number }>([['b', kept]]);
const set = new Set<string>();
const weak = new WeakMap<object, number>();
const key = {};
const memo = (
  (cache: Record<string, number>) =>
  (name: string): number =>
    (cache[name] ??= Object.keys(cache).length)
)({});
const counter = (): (() => number) => {
  let n = 0;
  return () => (n += 1);
};
const [first, second] = [counter(), counter()];
const symbol = Symbol('s');
const bySymbol: Record<symbol, number> = {};
const notEnumerable = Object.defineProperty({ n: 0 }, 'n', { value: 0, writable: true, enumerable: false });
const generator = (function* () {
  let n = 0;
  for (;;) yield ++n;
})();
const bound = function (this: { n: number }): void {
  this.n += 1;
}.bind({ n: 0 });
const bytes = new Uint8Array(4);
const shared = new SharedArrayBuffer(4);
const long = Array.from({ length: 500 }, () => 0);
const deep = { a: { b: { c: { d: { e: { f: { g: { n: 0 } } } } } } } };
let late: { n: number } | undefined;
const withProperty: (() => void) & { hits?: number } = () => undefined;
const chain = { tail: Promise.resolve(0) };
const date = new Date(0);
const expression = /a/g;
const wrapped = new Proxy({ n: 0 }, {});
const quiet = new Quiet();
const target = { n: 0 };
const reference = new WeakRef(target);
let handler = (): number => 1;
const nothing = Object.create(null) as Record<string, number>;
class Sub extends Map<string, number> {
  total = 0;
}
const sub = new Sub();
const error = new Error('kept');
const sparse: number[] = [];
const storage = new AsyncLocalStorage<{ n: number }>();
const accessor = ((n: number) => ({
  get value(): number {
    return n;
  },
  set value(to: number) {
    n = to;
  },
}))(0);

const globals = globalThis as { __repriseIdiom?: { n: number } };
globals.__repriseIdiom = { n: 0 };

export const idioms: Readonly<Record<string, () => unknown>> = {
  'a variable of the module': () => (plain += 1),
  'an array': () => list.push(1),
  'the order of an array': () => list.push(2, 1) && list.reverse(),
  'a map of objects': () => map.set('a', { n: (map.get('a')?.n ?? 0) + 1 }),
  'an object in a map': () => ((map.get('b') ?? kept).n += 1),
  'a set': () => set.add(String(set.size)),
  'an imported function with state of its own': () => lookUp(String(list.length)),
  'a private field': () => account.add(),
  'a static field': () => (Account.count += 1),
  'a private static field': () => Account.open(),
  'a variable that only a method reaches': () => quiet.touch(),
  'a weak map': () => weak.set(key, (weak.get(key) ?? 0) + 1),
  'a weak reference': () => ((reference.deref() ?? target).n += 1),
  'a memo in a closure': () => memo(String(Math.random())),
  'the first of two closures of one function': () => first?.(),
  'the second of two closures of one function': () => second?.(),
  'a key that is a symbol': () => (bySymbol[symbol] = (bySymbol[symbol] ?? 0) + 1),
  'a property that is not enumerable': () => (notEnumerable.n += 1),
  'a generator': () => generator.next(),
  'a bound this': () => bound(),
  'a typed array': () => ((bytes[0] as number) += 1),
  'shared memory': () => Atomics.add(new Int32Array(shared), 0, 1),
  'item 400 of a list': () => ((long[400] as number) += 1),
  'a value eight levels deep': () => (deep.a.b.c.d.e.f.g.n += 1),
  'an object that is made late': () => {
    late ??= { n: 0 };
    late.n += 1;
  },
  'a property of a function': () => (withProperty.hits = (withProperty.hits ?? 0) + 1),
  'a chain of promises': () => (chain.tail = chain.tail.then((n) => n + 1)),
  'a date': () => date.setTime(date.getTime() + 1),
  'where an expression stands': () => (expression.lastIndex += 1),
  'an object behind a proxy': () => (wrapped.n += 1),
  'another function in the place of one': () => (handler = handler() === 1 ? () => 2 : () => 1),
  'an object without a prototype': () => (nothing.n = (nothing.n ?? 0) + 1),
  'a field of a subclass of a map': () => (sub.total += 1),
  'an entry of a subclass of a map': () => sub.set('a', (sub.get('a') ?? 0) + 1),
  'the message of an error': () => (error.message += '!'),
  'an array with holes': () => (sparse[sparse.length + 2] = 1),
  'what an accessor hides': () => (accessor.value += 1),
  'a global variable': () => ((globals.__repriseIdiom as { n: number }).n += 1),
  'a function in the place of one of the console': () => (console.timeStamp = () => plain),
  'what is added to a prototype of the language': () => Object.assign(DataView.prototype, { idiom: {} }),
  'what was entered for all that follows': () => storage.enterWith({ n: (storage.getStore()?.n ?? 0) + 1 }),
  'the environment': () => (process.env.REPRISE_IDIOM = `${Number(process.env.REPRISE_IDIOM ?? 0) + 1}`),
};
