// Attempts that are stopped in every way clean up, in a live run and in its replay.
import { join } from 'node:path';
import { append, createEngine, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph, CleanUpContext } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { canonicalEntries } from '../../../../../src/journal/canonical.ts';
import type { Entry } from '../../../../../src/journal/entry.ts';
import type { RunStore } from '../../../../../src/port/store.ts';
import { temporaryFolder } from '../../../../support/folder.ts';
import { collected } from '../../../../support/journals.ts';

const state = () => fields({ out: append<string>() });
const quick = { graceMs: 100, cleanupMs: 100 };
const hour = 3_600_000;

interface HoldOptions {
  readonly cleanUps?: readonly ((context: CleanUpContext, attempt: number) => unknown)[];
  readonly log: string[];
}

/** A graph whose `hold` has a lock until it is stopped. In the same step `bad` fails when it is told. */
function holding({ log, cleanUps }: HoldOptions, policy: object = {}) {
  const bad = Promise.withResolvers<never>();
  const given = cleanUps ?? [
    ({ effect }: CleanUpContext, attempt: number) =>
      effect('unlock', attempt, (held) => void log.push(`unlock ${held}`)),
    ({ effect }: CleanUpContext, attempt: number) =>
      effect('report', attempt, (held) => void log.push(`report ${held}`)),
  ];
  const made = graph('holding', { state: state() })
    .node('go', () => undefined)
    .node('bad', async ({ out }, { effect }) => {
      if (policy === failing) await effect('bad', out.length, () => bad.promise);
    })
    .node(
      'hold',
      async (_state, { attempt, effect, onStop, sleep }) => {
        for (const cleanUp of given) onStop((context) => cleanUp(context, attempt));
        await effect('lock', attempt, (held) => void log.push(`lock ${held}`));
        if (policy === failing) bad.reject(new Error('bad'));
        try {
          await sleep(hour);
        } finally {
          log.push(`left ${attempt}`);
        }
        return { delta: { out: ['held'] } };
      },
      policy,
    )
    .edge('go', 'bad')
    .edge('go', 'hold')
    .start('go')
    .build();
  return made;
}
const failing = {};

async function journalOf(store: RunStore): Promise<readonly Entry[]> {
  return collected(store.read('r'));
}

async function verdictOf(made: AnyGraph, store: RunStore, mode: 'effects' | 'outputs' = 'effects') {
  const path = join(temporaryFolder(), `${mode}.run.jsonl`);
  await exportRunTo(store, 'r', path);
  const { report } = await replay(made, path, { mode });
  return { verdict: report.verdict, divergences: report.divergences };
}

async function untilLocked(log: readonly string[]): Promise<void> {
  while (!log.includes('lock 1')) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('an attempt that is stopped', () => {
  it.each(['timeout', 'failure', 'cancel', 'limit'] as const)(
    'cleans up after a %s, the last registered first, and its replay is the same',
    async (why) => {
      const log: string[] = [];
      const made = holding({ log }, why === 'timeout' ? { timeoutMs: 30 } : why === 'failure' ? failing : {});
      const store = memoryStore();
      const engine = createEngine(made, { ...quick, store });
      const running = engine.run({}, { runId: 'r', ...(why === 'limit' ? { timeoutMs: 40 } : {}) });
      await untilLocked(log);
      if (why === 'cancel') await engine.cancel('r', 'enough');
      const run = await running;
      expect(run.status).toBe(why === 'cancel' ? 'cancelled' : 'failed');
      expect(log).toEqual(['lock 1', 'left 1', 'report 1', 'unlock 1']);
      const entries = await journalOf(store);
      const cleaned = entries.filter(({ kind, at }) => kind === 'effect' && at.includes('!'));
      expect(cleaned.map(({ at }) => at)).toEqual(['2.1#1!1', '2.1#1!0']);
      const stops = entries.filter(({ kind }) => kind === 'stop');
      expect(stops).toMatchObject([{ at: '2.1#1', node: 'hold', why }]);
      const isCanonical = canonicalEntries(entries).filter(({ at }) => at.includes('!')).length;
      expect(isCanonical).toBe(why === 'timeout' ? 2 : 0);
      for (const mode of ['effects', 'outputs'] as const)
        expect(await verdictOf(made, store, mode)).toEqual({ verdict: 'same', divergences: [] });
      expect(log).toHaveLength(why === 'timeout' || why === 'failure' ? log.length : 4);
      await engine.close();
    },
  );

  it('cleans up before its next attempt begins, under keys of its own', async () => {
    const log: string[] = [];
    const made = holding({ log }, { timeoutMs: 30, retry: { attempts: 2, delayMs: 0 } });
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    await engine.run({}, { runId: 'r' });
    const once = (attempt: number) => ['lock', 'left', 'report', 'unlock'].map((what) => `${what} ${attempt}`);
    expect(log).toEqual([...once(1), ...once(2)]);
    expect((await verdictOf(made, store)).verdict).toBe('same');
    await engine.close();
  });
});
