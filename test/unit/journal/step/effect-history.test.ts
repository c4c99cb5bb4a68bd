import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { identityIn, isFurther } from '../../../../src/journal/step/asked-in.ts';
import { entryIdentity } from '../../../../src/journal/entry-identity.ts';
import { EffectHistory, forcedNote } from '../../../../src/journal/step/effect-history.ts';
import { takePlace } from '../../../../src/journal/step/once-places.ts';
import type { AskedIn } from '../../../../src/journal/step/asked-in.ts';
import type { BeginEntry, EffectOutcome, EffectRef, Entry } from '../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { effectEntry, noteEntry, outcomeEntry } from '../../../support/journals.ts';

const paid: EffectOutcome = { kind: 'value', value: 'paid' };
const refused: EffectOutcome = { kind: 'error', error: new Error('refused') as never };

/** One attempt that asks: it counts its effects, as an attempt does. */
class Asking {
  readonly #history: EffectHistory;
  readonly #at: AttemptKey;
  readonly #isOnce: boolean;
  readonly #counts = new Map<string, number>();

  constructor(history: EffectHistory, at: string, how: 'once' | 'by request' = 'once') {
    this.#history = history;
    this.#at = at as AttemptKey;
    this.#isOnce = how === 'once';
  }

  ask(name = 'pay', request: Value = 1, label?: string): AskedIn {
    const ref = { type: 'call' as const, name, request, ...(label === undefined ? {} : { label }) };
    const place = takePlace(this.#counts, this.#at, ref);
    return { at: this.#at, ref: { ...ref, occurrence: 0 }, ...(this.#isOnce ? { oncePlace: place } : {}) };
  }

  begin(asked = this.ask()): AskedIn {
    this.#history.began(asked, { node: 'pay', time: 1 });
    return asked;
  }

  end(outcome: EffectOutcome, asked = this.ask()): void {
    this.#history.ended(asked, { outcome, facts: undefined, isKept: true });
  }

  state(asked = this.ask()): unknown {
    const kept = this.#history.kept(asked)?.outcome;
    const past = this.#history.of(asked);
    return { kept, refusals: past?.refusedIn.size ?? 0, isInDoubt: past?.doubt !== undefined };
  }
}

const unknown = { kept: undefined, refusals: 0, isInDoubt: false };
const inDoubt = { ...unknown, isInDoubt: true };
const kept = { ...unknown, kept: paid };

function begin(at: string, fields: Partial<BeginEntry> = {}): BeginEntry {
  return {
    kind: 'begin',
    at: at as AttemptKey,
    node: 'pay',
    type: 'call',
    name: 'pay',
    request: 1,
    occurrence: 0,
    once: true,
    observed: { time: 1 },
    ...fields,
  };
}

const ended = (at: string, outcome: EffectOutcome, fields: Parameters<typeof effectEntry>[1] = {}) =>
  effectEntry(at, { name: 'pay', request: 1, once: true, outcome, ...fields });

describe.each(['once', 'by request'] as const)('an effect identified %s', (how) => {
  it('has no past if nobody asked for it', () => {
    expect(new Asking(new EffectHistory([]), '1.0#1', how).state()).toEqual(unknown);
  });

  it('is kept for a later attempt if it succeeded, and not for its own', () => {
    const history = new EffectHistory([]);
    const first = new Asking(history, '1.0#1', how);
    first.end(paid, first.begin());
    expect(new Asking(history, '1.0#1', how).state()).toEqual(unknown);
    expect(new Asking(history, '1.0#2', how).state()).toEqual(kept);
  });

  it('is counted as refused once for each attempt in which it failed', () => {
    const history = new EffectHistory([]);
    for (const at of ['1.0#1', '1.0#1', '1.0#2']) new Asking(history, at, how).end(refused);
    expect(new Asking(history, '1.0#3', how).state()).toEqual({ ...unknown, refusals: 2 });
  });

  it('is in doubt if it began and has not ended', () => {
    const history = new EffectHistory([]);
    new Asking(history, '1.0#1', how).begin();
    expect(new Asking(history, '1.0#2', how).state()).toEqual(inDoubt);
    expect(history.doubts).toMatchObject([{ at: '1.0#1', node: 'pay', ref: { name: 'pay' } }]);
    new Asking(history, '1.0#2', how).end(refused);
    expect(history.doubts).toEqual([]);
  });

  it('is another one in another task, and with another name or label', () => {
    const history = new EffectHistory([]);
    new Asking(history, '1.0#1', how).end(paid);
    const second = new Asking(history, '1.0#2', how);
    expect(second.state()).toEqual(kept);
    expect(second.state(second.ask('pay', 1, 'a'))).toEqual(unknown);
    expect(second.state(second.ask('send'))).toEqual(unknown);
    expect(new Asking(history, '1.1#2', how).state()).toEqual(unknown);
    expect(new Asking(history, '1.0#2/1.0#1', how).state()).toEqual(unknown);
  });

  it('is forgotten when the step is committed', () => {
    const history = new EffectHistory([ended('1.0#1', paid)]);
    history.clear();
    expect(new Asking(history, '1.0#2', how).state()).toEqual(unknown);
  });
});

describe('the attempts that keep an effect', () => {
  it('are those of its task: an inner run that was voided keeps only what is marked `once`', () => {
    const history = new EffectHistory([]);
    for (const how of ['once', 'by request'] as const) new Asking(history, '1.0#1/2.1#3', how).end(paid);
    expect(new Asking(history, '1.0#2/2.1#1').state()).toEqual(kept);
    expect(new Asking(history, '1.0#2/2.1#1', 'by request').state()).toEqual(unknown);
    expect(new Asking(history, '1.0#1/2.1#4', 'by request').state()).toEqual(kept);
  });

  it('are not those after one with which everything was asked for again', () => {
    const history = new EffectHistory([
      ended('1.0#1', paid, { once: undefined as never }),
      noteEntry('1.0#2', { what: 'fresh' }),
      ended('1.0#4', paid, { once: undefined as never, request: 2 }),
    ]);
    expect(new Asking(history, '1.0#2', 'by request').state()).toEqual(kept);
    expect(new Asking(history, '1.0#3', 'by request').state()).toEqual(unknown);
    const fifth = new Asking(history, '1.0#5', 'by request');
    expect(fifth.state(fifth.ask('pay', 2))).toEqual(kept);
  });

  it.each([
    ['1.0#1', false],
    ['1.0#2', true],
    ['1.0#10', true],
    ['1.0#1/2.0#1', false],
    ['1.0#2/2.0#1', true],
    ['1.0#1/2.0#11', true],
  ])('are further ones: %s is %s', (at, is) => {
    expect(isFurther(at as AttemptKey)).toBe(is);
  });
});

describe('an identity', () => {
  it('never depends on the number of an attempt', () => {
    const of = (at: string, how: 'once' | 'by request') => identityIn(new Asking(new EffectHistory([]), at, how).ask());
    for (const how of ['once', 'by request'] as const) expect(of('1.0#7/2.1#3', how)).toBe(of('1.0#1/2.1#1', how));
  });
});

describe('from a journal', () => {
  const restored = (...entries: readonly Entry[]): EffectHistory => new EffectHistory(entries);

  it('knows what ended, and is in doubt about what only began', () => {
    const history = restored(begin('1.0#1'), ended('1.0#1', paid), begin('1.1#1'), outcomeEntry('1.0#1'));
    expect(new Asking(history, '1.0#2').state()).toEqual(kept);
    expect(new Asking(history, '1.1#2').state()).toEqual(inDoubt);
  });

  it('is in doubt about calls and exchanges, and not about what only waits', () => {
    const history = restored(begin('1.0#1', { type: 'sleep' }), begin('1.0#1', { type: 'ask' }), begin('1.0#1'));
    expect(history.doubts).toMatchObject([{ ref: { type: 'call' } }]);
  });

  it('pairs a beginning with its end by request and occurrence, not by order', () => {
    const history = restored(
      begin('1.0#1', { request: 'a' }),
      begin('1.0#1', { request: 'b' }),
      ended('1.0#1', paid, { request: 'b' }),
    );
    const later = new Asking(history, '1.0#2');
    expect(later.state(later.ask('pay', 'a'))).toEqual(inDoubt);
    expect(later.state(later.ask('pay', 'b'))).toEqual(kept);
  });

  it('counts what an earlier attempt had done among the places of a later one', () => {
    // The second attempt was answered from the first one, which wrote nothing, and then paid for something else.
    const history = restored(
      begin('1.0#1', { request: 'a' }),
      ended('1.0#1', paid, { request: 'a' }),
      begin('1.0#2', { request: 'b' }),
    );
    const third = new Asking(history, '1.0#3');
    expect(third.state(third.ask('pay', 'a'))).toEqual(kept);
    expect(third.state(third.ask('pay', 'b'))).toEqual(inDoubt);
  });

  it('gives the place of a failed effect to the attempt that tried again', () => {
    const history = restored(begin('1.0#1'), ended('1.0#1', refused), begin('1.0#2'), ended('1.0#2', paid));
    const third = new Asking(history, '1.0#3');
    expect(third.state()).toEqual({ ...kept, refusals: 1 });
    expect(third.state()).toEqual(unknown);
  });
});

describe('an answer whose body nobody has read', () => {
  const asked = (occurrence: number): AskedIn => ({
    at: '1.0#1' as AttemptKey,
    ref: { type: 'http', name: 'http', request: { path: '/charge' }, occurrence },
    again: occurrence > 0,
  });
  const head = (status: number): EffectOutcome => ({ kind: 'value', value: { status } });

  it.each([
    [200, false],
    [302, false],
    [402, false],
    [429, true],
    [401, true],
    [503, true],
    [undefined, false],
  ])('with status %s leaves the try before it, which was lost, in doubt: %s', (status, isLeft) => {
    const history = new EffectHistory([]);
    history.began(asked(0), { node: 'pay', time: 1, onDoubt: 'fail' });
    history.ended(asked(0), { outcome: { kind: 'error', error: 'lost' }, facts: undefined, isKept: false });
    history.began(asked(0), { node: 'pay', time: 2, onDoubt: 'fail' });
    history.askedInDoubt(asked(0), 'fail');
    history.given(asked(0), status === undefined ? undefined : head(status));
    expect(history.doubts.length > 0).toBe(isLeft);
  });
});

describe('what is known of many effects', () => {
  /** How often it is looked at what they ask for. */
  function looksAt(
    type: 'call' | 'http',
    count: number,
    use: (history: EffectHistory, refs: readonly EffectRef[]) => void,
  ): number {
    let looks = 0;
    const refs = Array.from({ length: count }, (_none, place) => ({
      type,
      name: 'one',
      get request(): Value {
        looks += 1;
        return { method: 'GET' };
      },
      occurrence: place,
    }));
    use(new EffectHistory([]), refs);
    return looks;
  }

  it('costs a further attempt that asks for the same again and again no more for each time', () => {
    const poll = (history: EffectHistory, refs: readonly EffectRef[]): void => {
      for (const at of ['1.0#1', '1.0#2'] as AttemptKey[])
        for (const ref of refs) {
          history.askedFor({ at, ref });
          history.doubtOf({ at, ref });
          history.firstTry({ at, ref });
          history.ended({ at, ref }, { outcome: paid, facts: undefined, isKept: true });
        }
    };
    expect(looksAt('http', 200, poll)).toBe(10 * looksAt('http', 20, poll));
  });

  it('costs what becomes void no more for each entry', () => {
    const forget = (history: EffectHistory, refs: readonly EffectRef[]): void => {
      const at = '1.0#1' as AttemptKey;
      for (const ref of refs) history.ended({ at, ref }, { outcome: paid, facts: undefined, isKept: true });
      for (const ref of refs)
        history.voided({
          ...noteEntry(at, { what: forcedNote }),
          voids: entryIdentity({ ...effectEntry(at), ...ref }),
        });
      for (const ref of refs) expect(history.of({ at, ref })?.success?.isVoid).toBe(true);
    };
    expect(looksAt('call', 200, forget)).toBe(10 * looksAt('call', 20, forget));
  });

  it('takes what is in doubt of the first of several that are alike', () => {
    const history = new EffectHistory([]);
    const like = (at: string, occurrence: number): AskedIn => ({
      at: at as AttemptKey,
      ref: { type: 'http', name: 'http', request: 1, occurrence },
    });
    for (const occurrence of [2, 0, 1]) history.began(like('1.0#1', occurrence), { node: 'pay', time: occurrence });
    expect(history.doubtOf(like('1.0#2', 3))?.ref.occurrence).toBe(0);
  });
});
