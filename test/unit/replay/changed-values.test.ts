// A mark stands for one value. Code that gets it and writes another in its place does something else than what was recorded.
import { append, fields, graph, input, last } from 'reprise';
import type { AnyGraph } from 'reprise';
import { recordRun } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { updateFixture } from 'reprise/update';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

interface Customer {
  readonly email: string;
  readonly phone: string;
}

const customer: Customer = { email: 'ada@example.org', phone: '+44 20 7946 0018' };
const redact: RedactOptions = { values: ['email', 'phone', 'card'] };
const evil = 'evil@attacker.io';

interface Context {
  effect(name: string, request: object, perform: () => Promise<unknown>): Promise<unknown>;
  emit(name: string, data: object): void;
}

type Pick = (customer: Customer) => unknown;

/** Where a node writes what it picked. */
const places: { readonly [place: string]: (context: Context, picked: unknown) => unknown } = {
  'a request': async ({ effect }, picked) => {
    await effect('mail', { to: picked }, async () => 'ok');
  },
  'a text of a request': async ({ effect }, picked) => {
    await effect('mail', { body: { text: `Dear ${String(picked)}, hello` } }, async () => 'ok');
  },
  'base64 in a request': async ({ effect }, picked) => {
    const packed = Buffer.from(JSON.stringify({ to: picked, text: 'hello' })).toString('base64');
    await effect('mail', { packed }, async () => 'ok');
  },
  'an event': ({ emit }, picked) => emit('sent', { to: picked }),
  'an output': (_context, picked) => ({ delta: { out: picked } }),
  'a key of an output': (_context, picked) => ({ delta: { out: { [String(picked)]: 1 } } }),
  'a map in an output': (_context, picked) => ({ delta: { out: new Map([[picked, [picked]]]) } }),
  'an error': (_context, picked) => {
    throw new Error(`cannot mail ${String(picked)}`);
  },
};

function writing(pick: Pick, place: string): AnyGraph {
  return graph('writing', {
    state: fields({ customer: last<Customer>(), out: last<unknown>(null) }),
  })
    .node('write', (async ({ customer }: { customer: Customer }, context: Context) => {
      const picked = pick(customer);
      return await (places[place] as (typeof places)[string])(context, picked);
    }) as never)
    .start('write')
    .build() as unknown as AnyGraph;
}

async function recorded(made: AnyGraph, given: object = { customer }): Promise<string> {
  const out = join(temporaryFolder(), 'run.run.jsonl');
  return (await recordRun(made, given as never, { out, redact })).path;
}

const email: Pick = ({ email }) => email;

describe.each(['strict', 'lenient'] as const)('a %s replay', (strictness) => {
  describe.each(Object.keys(places))('of a value in %s', (place) => {
    it.each<readonly [string, Pick, Pick]>([
      ['an address that is written in the code', email, () => evil],
      ['the address in upper case', email, ({ email }) => email.toUpperCase()],
      ['the address with something before it', email, ({ email }) => `x${email}`],
      ['another number', ({ phone }) => phone, () => '+46 70 123 45 67'],
    ])('finds %s', async (_name, was, is) => {
      const path = await recorded(writing(was, place));
      expect((await replay(writing(was, place), path, { strictness })).report).toMatchObject({
        verdict: 'same',
        redacted: 0,
      });
      const { report } = await replay(writing(is, place), path, { strictness });
      expect(report.verdict).toBe('diverged');
    });

    it.each<readonly [string, Pick]>([
      ['what the code hard-codes', () => 'desk@example.org'],
      ['what it computes', ({ email }) => email.toUpperCase()],
    ])('says that it did not compare %s', async (_name, pick) => {
      const path = await recorded(writing(pick, place));
      const { report } = await replay(writing(pick, place), path, { strictness });
      expect(report.divergences).toEqual([]);
      expect(report.redacted).toBeGreaterThan(0);
    });
  });

  it('finds another value in the place of one from an answer', async () => {
    const asking = (to?: string): AnyGraph =>
      graph('asking', { state: fields({ sent: append<string>() }) })
        .node('ask', async (_state, { effect }) => {
          const { boss } = await effect('who', {}, async () => ({ boss: 'boss@example.org' }));
          await effect('mail', { to: to ?? boss }, async () => 'ok');
          return {};
        })
        .start('ask')
        .build() as unknown as AnyGraph;
    const path = await recorded(asking(), {});
    expect((await replay(asking(), path, { strictness })).report).toMatchObject({ verdict: 'same', redacted: 0 });
    expect((await replay(asking(evil), path, { strictness })).report.verdict).toBe('diverged');
  });

  it('finds another value in the place of one that an earlier step was given', async () => {
    const later = (to?: string): AnyGraph =>
      graph('later', { state: fields({ email: last<string>(), boss: last(''), count: append<number>() }) })
        .node('ask', async (_state, { effect }) => {
          const { boss } = await effect('who', {}, async () => ({ boss: 'boss@example.org' }));
          return { delta: { boss, count: [1] } };
        })
        .node('wait', () => ({ delta: { count: [1] } }))
        .node('mail', async ({ email, boss }, { effect }) => {
          await effect('mail', { to: to ?? email, cc: to ?? boss }, async () => 'ok');
          return {};
        })
        .start('ask')
        .edge('ask', 'wait')
        .edge('wait', 'mail')
        .build() as unknown as AnyGraph;
    const path = await recorded(later(), { email: 'ada@example.org' });
    expect((await replay(later(), path, { strictness })).report).toMatchObject({ verdict: 'same', redacted: 0 });
    const { report } = await replay(later(evil), path, { strictness });
    expect(report.divergences[0]).toMatchObject({ kind: 'request', at: '3.0#1' });
  });

  it('takes an address of the code for the same wherever it stands, also where a server sends it back', async () => {
    const echoing = (to: string, noted = to): AnyGraph =>
      graph('echoing', { state: fields({ sent: append<unknown>() }), inputs: { note: input<{ to: string }>() } })
        .node('mail', async (_state, { effect, emit, send }) => {
          const { accepted } = await effect('mail', { to }, async ({ to }) => ({ accepted: to }));
          emit('sent', { to: noted });
          return { delta: { sent: [accepted, noted] }, route: [send('note', { to: noted })] };
        })
        .node('note', async function* (_state, { input }) {
          yield { sent: [input.to] };
          yield { sent: [`from ${noted}`] };
        })
        .start('mail')
        .build() as unknown as AnyGraph;
    const path = await recorded(echoing('desk@example.org'), {});
    const { report } = await replay(echoing('desk@example.org'), path, { strictness });
    expect(report.divergences).toEqual([]);
    expect(report.redacted).toBeGreaterThan(1);
    expect((await replay(echoing('desk@example.org', evil), path, { strictness })).report.verdict).toBe('diverged');
  });

  it('counts a number of a card in the code', async () => {
    const paying = (card: number): AnyGraph =>
      graph('paying', { state: fields({ card: last<number>(0) }) })
        .node('pay', () => ({ delta: { card } }))
        .start('pay')
        .build() as unknown as AnyGraph;
    const path = await recorded(paying(4111111111111111), {});
    const { report } = await replay(paying(4111111111111111), path, { strictness });
    expect(report.divergences).toEqual([]);
    expect(report.redacted).toBeGreaterThan(0);
    expect((await replay(paying(-1), path, { strictness })).report.verdict).toBe('diverged');
    expect((await replay(paying(2), path, { strictness })).report.verdict).toBe('diverged');
  });
});

it('an update keeps what today’s code writes apart from what it is given', async () => {
  const path = await recorded(writing(email, 'an output'));
  expect(
    (
      await updateFixture(
        writing(() => evil, 'an output'),
        path,
      )
    ).verdict,
  ).toBe('updated');
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain(evil);
  expect(text).toContain('person-2@redacted.invalid');
  expect(
    (
      await replay(
        writing(() => evil, 'an output'),
        path,
      )
    ).report.verdict,
  ).toBe('same');
  expect((await replay(writing(email, 'an output'), path)).report.verdict).toBe('diverged');
});
