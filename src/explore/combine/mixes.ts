// What goes wrong together: an order, deaths, faults, at least two of the three.
//   M1. Each mix of one of a kind comes once, in an order that the seed decides, and as many of each mix as of the others.
//   M2. After them it is drawn: other orders, and two of a kind.
import { drawStream } from '../../base/draw.ts';
import type { Death, Fault } from '../schedule/schedule.ts';
import { searchStrategy } from '../strategy/random.ts';
import type { MakeStrategy } from '../strategy/strategy.ts';

export interface Causes {
  /** That of the first process; first in, first out without one. */
  readonly order?: MakeStrategy;
  readonly deaths: readonly Death[];
  readonly faults: readonly Fault[];
}

/** What there is of each kind; of a kind that has no part in it, nothing. */
export interface Mix {
  readonly orders: readonly MakeStrategy[];
  readonly deaths: readonly Death[];
  readonly faults: readonly Fault[];
}

export function mixesOf({ orders, deaths, faults }: Mix): readonly Mix[] {
  const all: readonly Mix[] = [
    { orders: [], deaths, faults },
    { orders, deaths: [], faults },
    { orders, deaths, faults: [] },
    { orders, deaths, faults },
  ];
  const isWhole = (mix: Mix, place: number): boolean =>
    [mix.orders, mix.deaths, mix.faults].filter(({ length }) => length > 0).length === (place === 3 ? 3 : 2);
  return all.filter(isWhole);
}

export function* inTurn(mixes: readonly Mix[], seed: string): Generator<Causes> {
  const { next: draw } = drawStream(seed, 'combined');
  let open = mixes.map((mix) => ({ mix, ...walk(sizeOf(mix), draw) }));
  while (open.length > 0) {
    for (const { mix, places } of open) {
      const { value } = places.next();
      if (value !== undefined) yield causesAt(mix, value);
    }
    open = open.filter(({ isOver }) => !isOver());
  }
}

export function* drawnForEver(mixes: readonly Mix[], seed: string, length: number): Generator<Causes> {
  for (let number = 0; ; number += 1) {
    const mix = mixes[number % mixes.length] as Mix;
    const { next: draw } = drawStream(seed, `combined ${number}`);
    const faults = drawn(draw, mix.faults);
    const deaths = inARow(drawn(draw, mix.deaths), mix.deaths.length);
    yield {
      ...(mix.orders.length === 0 ? {} : { order: () => searchStrategy(seed, number, length) }),
      deaths,
      faults,
    };
  }
}

function sizeOf({ orders, deaths, faults }: Mix): number {
  return [orders, deaths, faults].reduce((size, { length }) => size * Math.max(1, length), 1);
}

function causesAt({ orders, deaths, faults }: Mix, place: number): Causes {
  const deathCount = Math.max(1, deaths.length);
  const faultCount = Math.max(1, faults.length);
  const at = <Item>(items: readonly Item[], index: number): readonly Item[] => items.slice(index, index + 1);
  const [order] = at(orders, Math.floor(place / (deathCount * faultCount)));
  return {
    ...(order === undefined ? {} : { order }),
    deaths: at(deaths, Math.floor(place / faultCount) % deathCount),
    faults: at(faults, place % faultCount),
  };
}

type Draw = () => number;

/** All numbers below `size`, in steps of one width that has no divisor in common with it. */
function walk(
  size: number,
  draw: Draw,
): { readonly places: Generator<number, undefined>; readonly isOver: () => boolean } {
  let width = 1 + Math.floor(draw() * size);
  while (divisor(width, size) > 1) width += 1;
  const first = Math.floor(draw() * size);
  let count = 0;
  function* places(): Generator<number, undefined> {
    for (; count < size; ) {
      const place = (first + count * width) % size;
      count += 1;
      yield place;
    }
  }
  return { places: places(), isOver: () => count === size };
}

function divisor(left: number, right: number): number {
  return right === 0 ? left : divisor(right, left % right);
}

/** One of them, or sometimes two. */
function drawn<Item>(draw: Draw, items: readonly Item[]): readonly Item[] {
  if (items.length === 0) return [];
  const one = (): Item => items[Math.floor(draw() * items.length)] as Item;
  const isTwice = draw() < 0.25;
  return [...new Set(isTwice ? [one(), one()] : [one()])];
}

/** Writes are counted over all processes: the second one dies later. */
function inARow([first, second]: readonly Death[], count: number): readonly Death[] {
  if (first === undefined) return [];
  if (second?.kind !== 'write') return [first];
  const before = first.kind === 'write' ? first.write : Math.floor(count / 2);
  return [first, { ...second, write: before + second.write }];
}
