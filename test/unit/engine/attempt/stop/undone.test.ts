// What a clean-up has taken back is asked for again, under a new key. Everything else is kept.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, effectsInDoubtOf, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph, OnStopOptions, ResumeOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { canonicalEntries } from '../../../../../src/journal/run/canonical.ts';
import type { RunStore } from '../../../../../src/port/store.ts';
import { keptStore } from '../../../../support/changed-store.ts';
import { temporaryFolder } from '../../../../support/folder.ts';
import { collected } from '../../../../support/journals.ts';

const quick = { graceMs: 100, cleanupMs: 100 };
const hour = 3_600_000;
const state = () => fields({ out: append<string>() });

/** What the outside was asked for, with the idempotency key of each. */
class Outside {
  readonly calls: string[] = [];
  readonly keys = new Set<string>();

  take(name: string) {
    return (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) => {
      this.calls.push(name);
      this.keys.add(`${name} ${idempotencyKey}`);
      return name;
    };
  }
}

async function verdictOf(made: AnyGraph, store: RunStore) {
  const path = join(temporaryFolder(), 'r.run.jsonl');
  await exportRunTo(store, 'r', path);
  const { report } = await replay(made, path);
  return { verdict: report.verdict, divergences: report.divergences };
}
const same = { verdict: 'same', divergences: [] };

describe('a further attempt after a clean-up', () => {
  const holding = (outside: Outside, options: OnStopOptions | undefined, fails = false) =>
    graph('holding', { state: state() })
      .node(
        'hold',
        async (_state, { attempt, effect, onStop, sleep }) => {
          onStop(async ({ effect }) => {
            await effect('unlock', 1, outside.take('unlock'));
            if (fails) throw new Error('the lock is stuck');
          }, options);
          await effect('lock', 1, outside.take('lock'));
          await effect('charge', 1, outside.take('charge'), { once: true });
          if (attempt === 1) await sleep(hour);
          return { delta: { out: ['held'] } };
        },
        { timeoutMs: 250, retry: { attempts: 2, delayMs: 0 } },
      )
      .start('hold')
      .build();

  it.each([
    ['asks again for what it names', { undoes: ['lock'] }, false, ['lock', 'charge', 'unlock', 'lock']],
    ['keeps all that it does not name', undefined, false, ['lock', 'charge', 'unlock']],
    ['keeps what it names if it did not run to its end', { undoes: ['lock'] }, true, ['lock', 'charge', 'unlock']],
    ['asks again for what happens once too', { undoes: ['charge'] }, false, ['lock', 'charge', 'unlock', 'charge']],
  ] as const)('%s', async (_what, options, fails, calls) => {
    const outside = new Outside();
    const made = holding(outside, options, fails);
    const store = memoryStore();
    await using engine = createEngine(made, { ...quick, store });
    expect((await engine.run({}, { runId: 'r' })).status).toBe('done');
    expect(outside.calls).toEqual(calls);
    expect(outside.keys.size, 'each under a key of its own').toBe(calls.length);
    expect(await verdictOf(made, store)).toEqual(same);
    expect(outside.calls).toHaveLength(calls.length);
  });

  it('is refused names that are none', async () => {
    await using engine = createEngine(holding(new Outside(), { undoes: [1] } as never), quick);
    expect(await engine.run({})).toMatchObject({ status: 'failed', error: { code: 'option-invalid' } });
  });
});

describe('an attempt that was stopped with a failed run', () => {
  it('asks again for what was taken back, as often as that happens, and for nothing else', async () => {
    const outside = new Outside();
    const store = keptStore(memoryStore());
    let held = Promise.withResolvers<void>();
    const made = graph('again', { state: state() })
      .node('go', () => undefined)
      .node('bad', async (_state, { attempt, effect }) => {
        await effect('wait', attempt, () => held.promise);
        if (attempt < 3) throw new Error('bad');
        return { delta: { out: ['good'] } };
      })
      .node('hold', async (_state, { attempt, effect, onStop, sleep }) => {
        onStop(({ effect }) => effect('unlock', attempt, outside.take('unlock')), { undoes: ['lock'] });
        await effect('lock', attempt, outside.take('lock'));
        await effect('charge', attempt, outside.take('charge'));
        held.resolve();
        await sleep(50);
        return { delta: { out: ['held'] } };
      })
      .edge('go', 'bad')
      .edge('go', 'hold')
      .start('go')
      .build();
    const drive = async (isFirst: boolean) => {
      held = Promise.withResolvers();
      await using engine = createEngine(made, { ...quick, store });
      return await (isFirst ? engine.run({}, { runId: 'r' }) : engine.resume('r'));
    };
    expect((await drive(true)).status).toBe('failed');
    // A fixture says what was cleaned up, and its replay does none of it.
    const path = join(temporaryFolder(), 'failed.run.jsonl');
    await exportRunTo(store, 'r', path);
    const fixture = readFileSync(path, 'utf8');
    expect(fixture).toContain('it was stopped by the failure of another task, and cleaned up with \\"unlock\\"');
    expect(fixture).toContain('it has cleaned up, and taken back what \\"lock\\" had got');
    expect(fixture.slice(0, fixture.indexOf('{"block":"canonical"'))).not.toContain('unlock');
    expect((await replay(made, path)).report).toMatchObject(same);
    expect(outside.calls).toEqual(['lock', 'charge', 'unlock']);
    expect((await drive(false)).status).toBe('failed');
    expect(await drive(false)).toMatchObject({ status: 'done', state: { out: ['good', 'held'] } });
    expect(outside.calls).toEqual(['lock', 'charge', 'unlock', 'lock', 'unlock', 'lock']);
    expect(outside.keys.size, 'each under a key of its own').toBe(outside.calls.length);
    const kept = canonicalEntries(await collected(store.read('r'))).filter(({ at }) => at.startsWith('2.1'));
    expect(kept.map((entry) => ('name' in entry ? entry.name : entry.kind))).toEqual(['charge', 'lock', '', 'outcome']);
    expect(await verdictOf(made, store)).toEqual(same);
  });
});

describe('a further attempt that kept what an earlier one had, and was stopped with a failed run', () => {
  it.each([{}, { onDoubt: 'ask' }, { onDoubt: 'fail' }, { once: true, onDoubt: 'fail' }] as const)(
    'asks again for what was taken back before what it did with it: %j',
    async (policy) => {
      const outside = new Outside();
      const store = memoryStore();
      let isDown = true;
      const charging = Promise.withResolvers<void>();
      const made = graph('kept', { state: state() })
        .node('go', () => undefined)
        .node('bad', async (_state, { attempt, effect }) => {
          const isBad = await effect('look', attempt, async () => {
            await charging.promise;
            return isDown;
          });
          if (isBad) throw new Error('bad');
        })
        .node(
          'hold',
          async (_state, { attempt, effect, onStop }) => {
            onStop(({ effect }) => effect('unlock', attempt, outside.take('unlock')), { undoes: ['lock'] });
            await effect('lock', 1, outside.take('lock'));
            const charge = (given: unknown, context: { readonly idempotencyKey: string }) => {
              outside.take('charge')(given, context);
              if (attempt === 1) throw Object.assign(new Error('declined'), { status: 402 });
              charging.resolve();
              return isDown ? new Promise<string>(() => undefined) : 'charged';
            };
            return { delta: { out: [await effect('charge', 1, charge, policy)] } };
          },
          { retry: { attempts: 2, delayMs: 0 } },
        )
        .edge('go', 'bad')
        .edge('go', 'hold')
        .start('go')
        .build();
      await using engine = createEngine(made, { ...quick, store });
      expect((await engine.run({}, { runId: 'r' })).status).toBe('failed');
      isDown = false;
      const decide = { '2.1#2:call:charge': { value: 'by hand' } };
      const isInDoubt = (await effectsInDoubtOf(store, 'r')).length > 0;
      const run = await engine.resume('r', isInDoubt ? { decide } : {});
      expect(run).toMatchObject({ status: 'done', state: { out: [isInDoubt ? 'by hand' : 'charged'] } });
      const last = isInDoubt ? ['lock'] : ['lock', 'charge'];
      expect(outside.calls).toEqual(['lock', 'charge', 'charge', 'unlock', ...last]);
      expect(await verdictOf(made, store)).toEqual(same);
    },
  );
});

describe('an attempt with an effect in doubt', () => {
  const charging = (outside: Outside, left: string[], answers: (count: number) => unknown) => {
    let count = 0;
    return graph('charging', { state: state() })
      .node(
        'pay',
        async (_state, { effect, onStop }) => {
          onStop(({ effect }) => effect('unlock', 1, outside.take('unlock')), { undoes: ['lock'] });
          await effect('lock', 1, outside.take('lock'));
          try {
            const charge = (given: unknown, context: { readonly idempotencyKey: string }) => {
              outside.take('charge')(given, context);
              count += 1;
              return answers(count);
            };
            await effect('charge', 1, charge, { onDoubt: 'fail' });
          } finally {
            left.push('left');
          }
          return { delta: { out: ['paid'] } };
        },
        { timeoutMs: 250, retry: { attempts: 3, delayMs: 0 } },
      )
      .start('pay')
      .build();
  };
  const once = (count: number) => (count === 1 ? new Promise(() => undefined) : count);

  it('is stopped: it cleans up, and its replay is the same', async () => {
    const outside = new Outside();
    const left: string[] = [];
    const made = charging(outside, left, once);
    const store = keptStore(memoryStore());
    const drive = async (options?: ResumeOptions) => {
      await using engine = createEngine(made, { ...quick, store });
      return await (options === undefined ? engine.run({}, { runId: 'r' }) : engine.resume('r', options));
    };
    const failed = await drive();
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    // The first attempt timed out, and the second met the doubt.
    expect(outside.calls).toEqual(['lock', 'charge', 'unlock', 'lock', 'unlock']);
    expect(left).toEqual(['left', 'left']);
    const entries = await collected(store.read('r'));
    expect(entries.flatMap((entry) => (entry.kind === 'stop' ? [`${entry.at} ${entry.why}`] : []))).toEqual([
      '1.0#1 timeout',
      '1.0#2 doubt',
    ]);
    expect(canonicalEntries(entries).some(({ at }) => at === '1.0#2!0')).toBe(true);
    expect(await verdictOf(made, store)).toEqual(same);
    const { address } = (failed as unknown as { error: { fields: { address: string } } }).error.fields;
    expect(await drive({ decide: { [address]: { value: 7 } } })).toMatchObject({ status: 'done' });
    expect(outside.calls).toEqual(['lock', 'charge', 'unlock', 'lock', 'unlock', 'lock']);
    expect(outside.keys.size).toBe(outside.calls.length);
    expect(await verdictOf(made, store)).toEqual(same);
  });

  it('cleans up once more if its process dies meanwhile, and fails as it was about to', async () => {
    const outside = new Outside();
    const made = charging(outside, [], () => new Promise(() => undefined));
    const store = keptStore(memoryStore());
    const engine = createEngine(made, { ...quick, store });
    await engine.run({}, { runId: 'r' });
    await engine.close();
    const entries = await collected(store.read('r'));
    const stopped = entries.findIndex(({ kind, at }) => kind === 'stop' && at === '1.0#2');
    const left = keptStore(memoryStore());
    const [run, first, ...rest] = entries.slice(0, stopped + 1);
    const lease = await left.create(run as never, [first as never]);
    await left.append(lease, rest);
    await left.release(lease);
    outside.calls.length = 0;
    await using next = createEngine(made, { ...quick, store: left });
    expect(await next.resume('r')).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(outside.calls).toEqual(['unlock']);
    expect(canonicalEntries(await collected(left.read('r')))).toHaveLength(canonicalEntries(entries).length);
    expect(await verdictOf(made, left)).toEqual(same);
  });
});
