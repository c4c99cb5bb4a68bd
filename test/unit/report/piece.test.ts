import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRun } from '../../../src/replay/index.ts';
import { fullAddressText } from '../../../src/journal/address.ts';
import type { Entry, PooledEntry } from '../../../src/journal/entry.ts';
import { PageRunBuilder, atPath, bounded, pieceAt } from '../../../src/report/index.ts';
import { httpEffect, smallJournal } from '../../support/journals.ts';

async function desk() {
  const opened = await openRun({ kind: 'fixture', path: 'fixtures/research-desk/research-desk-1.run.jsonl' });
  const builder = new PageRunBuilder({ textLengthMax: Number.POSITIVE_INFINITY });
  for await (const { entries, beside } of opened.steps) builder.add(entries, beside);
  opened.close();
  return builder.run('desk');
}

describe('a part of a run', () => {
  it('is found by each address that another part names', async () => {
    const run = await desk();
    expect(pieceAt(run, '2')).toMatchObject({ step: 2, tasks: [{ key: '2.0' }, { key: '2.1' }, { key: '2.2' }] });
    for (const { key, attempts } of run.tasks) {
      expect(pieceAt(run, key)).toMatchObject({ key });
      for (const { at, effects } of attempts) {
        expect(pieceAt(run, at)).toMatchObject({ at, status: 'done' });
        for (const { address } of effects) expect(pieceAt(run, address)).toHaveProperty('response');
      }
    }
    for (const address of ['9', '2.7', '2.0#9', '2.0#1:http:none', '', '__proto__'])
      expect(pieceAt(run, address)).toBe(undefined);
  });

  it('is entered by a path, and text that is JSON too', async () => {
    const piece = pieceAt(await desk(), '2.1#1') ?? null;
    expect(atPath(piece, 'delta.findings[0].topic')).toBe('neighbours');
    expect(atPath({ body: '{"facts":["a"]}' }, 'body.facts[0]')).toBe('a');
    expect(atPath({ 'a.b': [1] }, '["a.b"][0]')).toBe(1);
    expect(atPath(piece, 'delta.none')).toBe(undefined);
    expect(atPath(piece, '__proto__.constructor')).toBe(undefined);
  });

  it('fits, or says what was cut and where the rest is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ minLength: 0, maxLength: 3000 }), (value, text) => {
        const whole = { value, text, list: [text, text], [text]: 1 } as never;
        const { value: shown, cut } = bounded(whole, 2_000);
        if (cut.length === 0) expect(shown).toEqual(whole);
        for (const { path } of cut) if (path !== '.') expect(atPath(whole, path)).not.toBe(undefined);
        if (text.length < 100) expect(JSON.stringify({ shown, cut }, null, 1).length).toBeLessThan(3_000);
      }),
      { numRuns: 100 },
    );
  });
});

it('is what came of an exchange once its attempt had ended, also without the mark of its address', () => {
  const late: PooledEntry = { ...httpEffect('1.0#1', 'too late'), kind: 'pooled' };
  const builder = new PageRunBuilder();
  const [run, begun, ...rest] = smallJournal() as readonly [Entry, Entry, ...Entry[]];
  builder.add([run, begun]);
  builder.add(rest, [late]);
  const page = builder.run('run-1');
  const address = fullAddressText(late.at, late);
  expect(pieceAt(page, address)).toMatchObject({ address: `${address} (late)` });
  expect(pieceAt(page, `${address} (late)`)).toEqual(pieceAt(page, address));
});
