// A context knows whose it is: what a task asks through its own context is its own, in whatever task a queue begins its jobs,
// and in whatever order the answers come.
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, memoryStore } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { exportRun } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/index.ts';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';

const ids = ['a', 'b', 'c', 'd'];
const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 400 : 200;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_130);

/** Begins the next job where a slot becomes free, in the asynchronous context of the job before. */
class Queue {
  readonly #jobs: (() => void)[] = [];
  #free: number;

  constructor(width: number) {
    this.#free = width;
  }

  inTurn<Result>(job: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => {
        void job()
          .finally(() => {
            this.#free += 1;
            this.#next();
          })
          .then(resolve, reject);
      });
      this.#next();
    });
  }

  #next(): void {
    if (this.#free === 0) return;
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#free -= 1;
    job();
  }
}

/** `turns`: how many turns of the event loop each answer takes, one after another. */
function queueing(width: number, turns: readonly number[]): AnyGraph {
  const queue = new Queue(width);
  let asked = 0;
  const after = async (text: string): Promise<string> => {
    const count = turns[asked++ % turns.length] as number;
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return text;
  };
  return graph('queueing', { state: fields({ found: append<string>() }), inputs: { work: input<string>() } })
    .node('plan', (_state, { send }) => ({ route: ids.map((id) => send('work', id)) }))
    .node('work', async (_state, context) => {
      const id = context.input;
      // Two tasks ask their contexts inside of jobs; what the others perform waits in the same queue.
      if (id < 'c') {
        const around = await context.effect('around', id, () => queue.inTurn(() => after(`around ${id}`)));
        return { delta: { found: [around] } };
      }
      const inside = queue.inTurn(() => context.effect('inside', id, () => after(`inside ${id}`)));
      const drawn = await queue.inTurn(async () => {
        await after('');
        return context.uuid();
      });
      return { delta: { found: [await inside, drawn] } };
    })
    .start('plan')
    .build() as unknown as AnyGraph;
}

it('gives each task its own effects and draws, in every order', { timeout: 240_000 }, async () => {
  let first: string | undefined;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }),
      async (width, turns) => {
        const store = memoryStore();
        await using engine = createEngine(queueing(width, turns), { store });
        expect(await engine.run({} as never, { runId: 'one', seed: 'seed' })).toMatchObject({ status: 'done' });
        const fixture = async (observed: boolean): Promise<Buffer> =>
          Buffer.concat(await collected(exportRun(store, 'one', { observed })));
        const text = (await fixture(false)).toString();
        first ??= text;
        expect(text).toBe(first);
        const { report } = await replay(queueing(width, turns), fileOf(await fixture(true)));
        expect(report.divergences).toEqual([]);
      },
    ),
    { numRuns, seed },
  );
});

it('refuses what an effect asks of its own context: the outer effect is the record', async () => {
  const nesting = graph('nesting', { state: fields({ found: append<string>() }) })
    .node('only', async (_state, { effect, uuid }) => ({ delta: { found: [await effect('outer', 1, () => uuid())] } }))
    .start('only')
    .build();
  await using engine = createEngine(nesting);
  expect(await engine.run({})).toMatchObject({ status: 'failed', error: { code: 'effect-nested' } });
});
