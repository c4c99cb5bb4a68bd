import nodeCrypto, * as namedCrypto from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installAmbientReads } from '../../../../src/live/ambient/ambient-reads.ts';
import type { AmbientReads } from '../../../../src/port/ambient-reads.ts';
import { currentAttempt, nodeStarts } from '../../../../src/port/attempt.ts';
import type { AmbientOfAttempt } from '../../../../src/port/attempt.ts';
import { RecordedAttempt } from '../../../support/recorded-attempt.ts';

const places: readonly (readonly [object, string])[] = [
  [globalThis, 'Date'],
  [globalThis, 'Intl'],
  [globalThis, 'performance'],
  [globalThis, 'Temporal'],
  [process, 'hrtime'],
  [Date.prototype, 'constructor'],
  [Performance.prototype, 'now'],
  [Intl.DateTimeFormat.prototype, 'format'],
  [Intl.DateTimeFormat.prototype, 'formatToParts'],
  [Math, 'random'],
  [Crypto.prototype, 'getRandomValues'],
  [Crypto.prototype, 'randomUUID'],
  ...['randomUUID', 'randomBytes', 'randomFill', 'randomFillSync', 'randomInt'].map(
    (name) => [nodeCrypto, name] as const,
  ),
];
const shapes = (): readonly unknown[] =>
  places
    .map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name))
    .map((own) => [own?.value, own?.get, own?.set]);

const timeOf = (date: Date): number => date.valueOf();

/** Gives clocks a fixed reading, and what is drawn a fixed value of its form. */
class FixedReads implements AmbientReads {
  readonly sources: string[] = [];
  clock<Time extends number | bigint>(source: string, real: () => Time): Time {
    this.sources.push(source);
    return (typeof real() === 'bigint' ? 5_000_000_007n : 1_234) as Time;
  }
  draw<Drawn>(source: string, real: () => Drawn): Drawn {
    this.sources.push(source);
    const drawn = real();
    if (drawn instanceof Uint8Array) return new Uint8Array(drawn.byteLength).fill(7) as Drawn;
    return (typeof drawn === 'string' ? 'a uuid' : 0.25) as Drawn;
  }
}

class FixedAmbient implements AmbientOfAttempt {
  readonly reads = new FixedReads() as unknown as AmbientReads;
  readonly quiet = undefined;
  threw(): void {
    throw new Error('nothing throws here');
  }
  delivered(): void {
    // Nothing reaches these nodes.
  }
  openTimer(): undefined {
    // Nobody looks at their timers.
  }
}

class ReadingAttempt extends RecordedAttempt {
  override readonly ambient = new FixedAmbient();
}

function inNode<Result>(code: () => Result): Result {
  nodeStarts();
  return currentAttempt.run(new ReadingAttempt(), code);
}

let uninstall: (() => void)[] = [];
const install = (): (() => void) => {
  const restore = installAmbientReads();
  uninstall.push(restore);
  return restore;
};
afterEach(() => {
  vi.useRealTimers();
  for (const restore of uninstall) restore();
  uninstall = [];
});

describe('the globals of a process', () => {
  it('are given back by the last one that needs them replaced', () => {
    const before = shapes();
    const { randomUUID } = namedCrypto;
    const [first, second] = [install(), install()];
    expect(shapes()).not.toEqual(before);
    expect(namedCrypto.randomUUID).not.toBe(randomUUID);
    first();
    first();
    expect(shapes()).not.toEqual(before);
    second();
    expect(shapes()).toEqual(before);
    expect(namedCrypto.randomUUID).toBe(randomUUID);
  });

  it('are left to those who replace them meanwhile', () => {
    const { random } = Math;
    const restore = install();
    const theirs = (): number => 0.5;
    Math.random = theirs;
    restore();
    expect(Math.random).toBe(theirs);
    Math.random = random;
  });

  it('take dates of each other for their own', () => {
    const { Date: before } = globalThis;
    install();
    const { Date: now } = globalThis;
    expect(now).not.toBe(before);
    for (const [made, other] of [
      [new before(5), now],
      [new now(5), before],
    ] as const) {
      expect(made).toBeInstanceOf(other);
      expect(made.constructor).toBe(now);
      expect(structuredClone(made)).toBeInstanceOf(other);
    }
    expect([now.name, now.length, now.UTC(2020, 1), now.parse('1970-01-01')]).toEqual([
      'Date',
      7,
      before.UTC(2020, 1),
      0,
    ]);
    class Day extends now {}
    expect(new Day(2020, 1)).toBeInstanceOf(before);
    expect(Object.prototype.toString.call(new Day())).toBe('[object Date]');
  });

  it('honour a time that a test has set on the original', () => {
    const real = Date.now;
    Date.now = () => 77;
    install();
    expect([Date.now(), timeOf(new Date())]).toEqual([77, 77]);
    for (const restore of uninstall) restore();
    expect(Date.now()).toBe(77);
    Date.now = real;
  });
});

describe('in a node', () => {
  it('every clock is read by the attempt', () => {
    install();
    expect(
      inNode(() => [
        Date.now(),
        timeOf(new Date()),
        timeOf(new (class extends Date {})()),
        performance.now(),
        timeOf(new Date(3)),
      ]),
    ).toEqual([1_234, 1_234, 1_234, 1_234, 3]);
    expect(inNode(() => [process.hrtime(), process.hrtime([1, 7]), process.hrtime.bigint()])).toEqual([
      [5, 7],
      [4, 0],
      5_000_000_007n,
    ]);
    const format = new Intl.DateTimeFormat('en', { timeZone: 'UTC', second: 'numeric', fractionalSecondDigits: 3 });
    expect(inNode(() => [format.format(), format.format(undefined), format.format(2_000)])).toEqual([
      '1.234',
      '1.234',
      '2.000',
    ]);
    expect(
      inNode(() =>
        format
          .formatToParts()
          .map(({ value }) => value)
          .join(''),
      ),
    ).toBe('1.234');
    expect(inNode(() => Date())).toBe(new Date(1_234).toString());
    expect(format.format).toBe(format.format);
  });

  it('throws what it throws without us', () => {
    install();
    const wrong = [
      () => process.hrtime([1] as never),
      () => nodeCrypto.randomBytes(-1),
      () => nodeCrypto.randomBytes(4, 'no function' as never),
      () => nodeCrypto.randomInt(5, 1),
      () => nodeCrypto.randomFillSync('text' as never),
      () => nodeCrypto.randomFillSync(Buffer.alloc(2), 5),
      () => nodeCrypto.randomFill(Buffer.alloc(2), 'no function' as never),
      () => crypto.getRandomValues(new Float64Array(1) as never),
      () => nodeCrypto.randomUUID(5 as never),
      () => new Intl.DateTimeFormat().format(Number.NaN),
      () => Performance.prototype.now.call({} as never),
      () => crypto.getRandomValues.call({}, new Uint8Array(1)),
    ];
    const said = (code: () => unknown): unknown => {
      try {
        code();
        return 'nothing';
      } catch (thrown) {
        const { name, message, code: own } = thrown as Error & { readonly code?: unknown };
        return [name, message, own];
      }
    };
    const live = wrong.map((code) => inNode(() => said(code)));
    for (const restore of uninstall) restore();
    expect(live).toEqual(wrong.map(said));
    expect(live).not.toContain('nothing');
  });

  it('fills exactly the memory that was asked for, and calls back later', async () => {
    install();
    const memory = Buffer.alloc(6);
    inNode(() => nodeCrypto.randomFillSync(memory, 1, 3));
    expect([...memory]).toEqual([0, 7, 7, 7, 0, 0]);
    const words = new Uint16Array(4);
    expect(inNode(() => nodeCrypto.randomFillSync(words, 1, 2))).toBe(words);
    expect([...new Uint8Array(words.buffer)]).toEqual([0, 0, 7, 7, 7, 7, 0, 0]);
    const calls: unknown[] = [];
    await inNode(
      () =>
        new Promise<void>((resolve) => {
          nodeCrypto.randomBytes(2, (error, bytes) => {
            calls.push(error, [...bytes]);
            resolve();
          });
          calls.push('first');
        }),
    );
    expect(calls).toEqual(['first', null, [7, 7]]);
  });

  it('fake timers that came later do not reach it, and are there for everybody else', () => {
    install();
    vi.useFakeTimers({ now: 99, toFake: ['Date', 'performance', 'hrtime', 'Intl'] });
    expect(inNode(() => [Date.now(), timeOf(new Date()), performance.now()])).toEqual([1_234, 1_234, 1_234]);
    expect([Date.now(), timeOf(new Date()), process.hrtime.bigint()]).toEqual([99, 99, 0n]);
  });
});
