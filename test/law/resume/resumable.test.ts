// A resumable node that is cut off anywhere continues after the chunks it yielded: chunks, delta, route and state are
// those of an uninterrupted run, and earlier requests need not be repeated.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, memoryStore, sum } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);

/** How many words a writer yields, in how many requests, and after how many its first attempt fails. */
interface Writer {
  readonly words: number;
  readonly perRequest: number;
  readonly failsBehind?: number;
  /** It asks a person after its first word. */
  readonly asks: boolean;
}

const nameOf = (writer: number, place: number): string => `w${writer} ${place}`;

/** Asks for the next words from where it is, like asking a model to continue a text. */
function writersOf(writers: readonly Writer[], asked: string[]) {
  return graph('writers', {
    state: fields({ said: append<string>(), count: sum() }),
    inputs: { write: input<{ writer: number }>() },
  })
    .node('begin', (_state, { send }) => ({ route: writers.map((_writer, writer) => send('write', { writer })) }))
    .node(
      'write',
      async function* (_state, { input: { writer }, resumed, effect, attempt, ask, emit }) {
        const { words, perRequest, failsBehind, asks } = writers[writer] as Writer;
        emit('begins', resumed.length);
        for (let place = resumed.length; place < words; ) {
          const from = place;
          const next = await effect('words', { writer, from }, () => {
            asked.push(nameOf(writer, from));
            return Math.min(words, from + perRequest);
          });
          for (; place < next; place += 1) {
            if (attempt === 1 && place === failsBehind) throw new Error('not yet');
            yield { said: [nameOf(writer, place)] };
          }
          if (asks && from === 0) await ask('go on?');
        }
        return { delta: { count: words } };
      },
      { resumable: true, retry: { attempts: 2 } },
    )
    .start('begin')
    .build();
}

const writers: fc.Arbitrary<Writer> = fc.record(
  {
    words: fc.integer({ min: 1, max: 12 }),
    perRequest: fc.integer({ min: 1, max: 5 }),
    failsBehind: fc.nat({ max: 6 }),
    asks: fc.boolean(),
  },
  { requiredKeys: ['words', 'perRequest', 'asks'] },
);

/** Runs until it is done, answering whatever it asks. */
async function finish(store: RunStore, built: ReturnType<typeof writersOf>, isNew: boolean): Promise<readonly Entry[]> {
  const engine = createEngine(built, { store });
  let run = await (isNew ? engine.run({}, { runId, seed: 'seed' }) : engine.resume(runId));
  while (run.status === 'paused') {
    const answers = Object.fromEntries(run.questions.map(({ key }) => [key, 'yes']));
    run = await engine.resume(runId, { answers });
  }
  if (run.status !== 'done') throw new Error(`the run is ${run.status}`);
  await engine.close();
  return collected(store.read(runId));
}

/** What a restart must not change. */
function kept(entries: readonly Entry[]): unknown {
  const canonical = canonicalEntries(entries);
  const failed = new Set(
    canonical.flatMap((entry) => (entry.kind === 'outcome' && entry.result.status !== 'done' ? [entry.at] : [])),
  );
  return canonical
    .filter(
      (entry) => entry.kind === 'outcome' || entry.kind === 'commit' || entry.kind === 'end' || entry.kind === 'chunk',
    )
    .filter((entry) => entry.kind !== 'chunk' || !failed.has(entry.at))
    .map(({ observed: _observed, ...said }) => said);
}

it('a resumable node that is cut off anywhere continues after what it yielded, and replays as recorded', {
  timeout: isLong ? 3_600_000 : 180_000,
}, async () => {
  let cuts = 0;
  let restarts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(writers, { minLength: 1, maxLength: 3 }), async (given) => {
      const whole = await finish(asDurable(memoryStore()), writersOf(given, []), true);
      const last = whole.length - 1;
      for (let cut = 2; cut <= last; cut += 1) {
        const prefix = whole.slice(0, cut);
        const asked: string[] = [];
        const store = await storeWith(prefix);
        const entries = await finish(store, writersOf(given, asked), false);
        expect(kept(entries), `cut behind ${cut} of ${whole.length}`).toEqual(kept(whole));
        const known = prefix.flatMap((entry) =>
          entry.kind === 'effect' && entry.type === 'call' ? [JSON.stringify(entry.request)] : [],
        );
        const again = asked.filter((name) =>
          known.includes(JSON.stringify({ from: Number(name.split(' ')[1]), writer: Number(name[1]) })),
        );
        // Only the second attempt of a writer repeats what the first requested.
        if (!given.some(({ failsBehind }) => failsBehind !== undefined)) expect(again).toEqual([]);
        cuts += 1;
        restarts += entries.filter(({ kind }) => kind === 'restart').length;
        if (cut % 3 !== 0) continue;
        const path = await exportRunTo(store, runId, `${temporaryFolder()}/run.run.jsonl`);
        const { report } = await replay(writersOf(given, []), path);
        expect(report, JSON.stringify(report.divergences[0])).toMatchObject({ verdict: 'same' });
      }
    }),
    { numRuns: isLong ? 300 : 12, seed },
  );
  console.log(`resumable: ${cuts} cuts, ${restarts} restarts, seed ${seed}`);
  expect(restarts).toBeGreaterThan(0);
});
