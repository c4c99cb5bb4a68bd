import { describe, expect, it } from 'vitest';
import { OnceLedger } from '../../../../src/engine/run/once-ledger.ts';
import type { OnceUse } from '../../../../src/engine/run/once-ledger.ts';
import type { Value } from '../../../../src/base/value.ts';
import type { BeginEntry, EffectOutcome, Entry } from '../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { effectEntry, outcomeEntry } from '../../../support/journals.ts';
import { thrownBy } from '../../../support/thrown.ts';

const paid: EffectOutcome = { kind: 'value', value: 'paid' };
const refused: EffectOutcome = { kind: 'error', error: 'refused' };

/** One attempt that asks: it counts its own uses, as an attempt does. */
class Asking {
  readonly #ledger: OnceLedger;
  readonly #at: string;
  readonly #counts = new Map<string, number>();

  constructor(ledger: OnceLedger, at: string) {
    this.#ledger = ledger;
    this.#at = at;
  }

  use(name: string, request: Value = 1, label?: string): OnceUse {
    return this.#ledger.use(
      this.#at as AttemptKey,
      { name, request, ...(label === undefined ? {} : { label }) },
      this.#counts,
    );
  }
}

const state = ({ value, isAnswered, isInDoubt }: OnceUse): unknown => ({ value, isAnswered, isInDoubt });
const unknown = { value: undefined, isAnswered: false, isInDoubt: false };
const inDoubt = { value: undefined, isAnswered: false, isInDoubt: true };
const answered = { value: 'paid', isAnswered: true, isInDoubt: false };

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

describe('within one process', () => {
  it('knows nothing of what nobody asked for', () => {
    expect(state(new Asking(new OnceLedger([]), '1.0#1').use('pay'))).toEqual(unknown);
  });

  it('gives a later attempt what an earlier one got', () => {
    const ledger = new OnceLedger([]);
    const use = new Asking(ledger, '1.0#1').use('pay');
    use.begin();
    use.settle(paid);
    expect(state(new Asking(ledger, '1.0#2').use('pay'))).toEqual(answered);
  });

  it('lets a later attempt try again what had failed', () => {
    const ledger = new OnceLedger([]);
    const use = new Asking(ledger, '1.0#1').use('pay');
    use.begin();
    use.settle(refused);
    expect(state(new Asking(ledger, '1.0#2').use('pay'))).toEqual(unknown);
  });

  it('is in doubt about what began and did not end', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1').use('pay').begin();
    expect(state(new Asking(ledger, '1.0#2').use('pay'))).toEqual(inDoubt);
  });

  it('tells effects apart by task, name, label and place among their like', () => {
    const ledger = new OnceLedger([]);
    const first = new Asking(ledger, '1.0#1');
    first.use('pay').settle(paid);
    const second = new Asking(ledger, '1.0#2');
    expect(state(second.use('pay'))).toEqual(answered);
    expect(state(second.use('pay'))).toEqual(unknown);
    expect(state(second.use('pay', 1, 'a'))).toEqual(unknown);
    expect(state(second.use('send'))).toEqual(unknown);
    expect(state(new Asking(ledger, '1.1#1').use('pay'))).toEqual(unknown);
    expect(state(new Asking(ledger, '1.0#2/1.0#1').use('pay'))).toEqual(unknown);
  });

  it('finds tasks of inner runs again, whatever attempt their outer task is in', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1/2.1#3').use('pay').settle(paid);
    expect(state(new Asking(ledger, '1.0#2/2.1#1').use('pay'))).toEqual(answered);
  });

  it('refuses another request for what happened already', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1').use('pay', { amount: 1 }).settle(paid);
    const error = thrownBy(() => new Asking(ledger, '1.0#2').use('pay', { amount: 2 }));
    expect(error).toMatchObject({ code: 'once-changed', fields: { recorded: { amount: 1 }, asked: { amount: 2 } } });
  });

  it('lets the request change where nothing happened', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1').use('pay', { amount: 1 }).settle(refused);
    expect(state(new Asking(ledger, '1.0#2').use('pay', { amount: 2 }))).toEqual(unknown);
  });

  it('does not answer an attempt with what it did itself', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1').use('pay').settle(paid);
    expect(new Asking(ledger, '1.0#1').use('pay').isAnswered).toBe(false);
  });

  it('forgets everything when the step is committed', () => {
    const ledger = new OnceLedger([]);
    new Asking(ledger, '1.0#1').use('pay').settle(paid);
    ledger.clear();
    expect(state(new Asking(ledger, '1.0#2').use('pay'))).toEqual(unknown);
  });
});

describe('from a journal', () => {
  const restored = (...entries: readonly Entry[]): OnceLedger => new OnceLedger(entries);

  it('knows what ended, and is in doubt about what only began', () => {
    const ledger = restored(begin('1.0#1'), ended('1.0#1', paid), begin('1.1#1'), outcomeEntry('1.0#1'));
    expect(state(new Asking(ledger, '1.0#2').use('pay'))).toEqual(answered);
    expect(state(new Asking(ledger, '1.1#2').use('pay'))).toEqual(inDoubt);
  });

  it('reads only what is marked `once`', () => {
    const { once: _once, ...unmarked } = ended('1.0#1', paid);
    expect(state(new Asking(restored(unmarked), '1.0#2').use('pay'))).toEqual(unknown);
  });

  it('pairs a beginning with its end by request and occurrence, not by order', () => {
    const ledger = restored(
      begin('1.0#1', { request: 'a' }),
      begin('1.0#1', { request: 'b' }),
      ended('1.0#1', paid, { request: 'b' }),
    );
    const later = new Asking(ledger, '1.0#2');
    expect(state(later.use('pay', 'a'))).toEqual(inDoubt);
    expect(state(later.use('pay', 'b'))).toEqual(answered);
  });

  it('counts what an earlier attempt had done among the places of a later one', () => {
    // The second attempt was answered from the first one, which wrote nothing, and then paid for something else.
    const ledger = restored(
      begin('1.0#1', { request: 'a' }),
      ended('1.0#1', paid, { request: 'a' }),
      begin('1.0#2', { request: 'b' }),
    );
    const third = new Asking(ledger, '1.0#3');
    expect(state(third.use('pay', 'a'))).toEqual(answered);
    expect(state(third.use('pay', 'b'))).toEqual(inDoubt);
  });

  it('gives the place of a failed effect to the attempt that tried again', () => {
    const ledger = restored(begin('1.0#1'), ended('1.0#1', refused), begin('1.0#2'), ended('1.0#2', paid));
    const third = new Asking(ledger, '1.0#3');
    expect(state(third.use('pay'))).toEqual(answered);
    expect(state(third.use('pay'))).toEqual(unknown);
  });
});
