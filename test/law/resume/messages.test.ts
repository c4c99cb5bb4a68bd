// What people and other programs send to a run is neither lost nor counted twice: when it is sent at any moment, twice,
// from two processes, over deaths of the one that drives the run. (every-prefix.test.ts cuts such runs off anywhere.)
import fc from 'fast-check';
import { append, fields, graph } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { changedStore } from '../../support/changed-store.ts';
import { collected } from '../../support/journals.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 300 : 12;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_128);
const timeout = isLong ? 3_600_000 : 240_000;

const engineOn = (built: AnyGraph, store: RunStore, clock: ManualClock, id: string): RunHost =>
  testEngine(built, { store, clock, id: () => id });

/** Takes items until there are no more, and has every second one approved. */
const taking = graph('taking', { state: fields({ log: append<string>() }) })
  .node('take', async (_state, { receive, ask, goto, stop }) => {
    const item = await receive<number>('item');
    if (item < 0) return { route: stop() };
    const approved = item % 2 === 0 ? await ask<string>(`take ${item}?`, { name: 'approve' }) : 'unasked';
    return { delta: { log: [`${item} ${approved}`] }, route: goto('take') };
  })
  .start('take')
  .build();

const actions = ['send', 'send twice', 'answer', 'answer twice', 'look', 'let go', 'die'] as const;

/** Two processes on one store. One of them drives the run, or neither does. */
class Processes {
  readonly sent: number[] = [];
  readonly accepted: string[] = [];
  readonly clock = new ManualClock();
  readonly store = asDurable(memoryStore({ now: () => this.clock.now() }));
  #engines: readonly RunHost[] = [];
  #frozen: { isFrozen: boolean }[] = [];
  #lives = 0;
  #next = 0;
  deaths = 0;

  start(place: 0 | 1): RunHost {
    const life = { isFrozen: false };
    this.#lives += 1;
    // A process that died writes nothing and reads nothing any more.
    const never = new Promise<never>(() => undefined);
    const frozen =
      <Given extends unknown[], Result>(call: (...given: Given) => Result) =>
      (...given: Given): Result | Promise<never> =>
        life.isFrozen ? never : call(...given);
    const { store } = this;
    const own = changedStore(store, {
      append: frozen((...given) => store.append(...given)),
      release: frozen((...given) => store.release(...given)),
      inbox: frozen((...given) => store.inbox(...given)),
      cancelRequests: frozen((...given) => store.cancelRequests(...given)),
      renew: frozen((...given) => store.renew(...given)),
    } as Partial<RunStore>);
    const engine = engineOn(taking, own, this.clock, `process ${this.#lives}`);
    this.#engines = replaced(this.#engines, place, engine);
    this.#frozen[place] = life;
    return engine;
  }

  engine(place: number): RunHost {
    return this.#engines[place] as RunHost;
  }

  async act(action: (typeof actions)[number], place: 0 | 1): Promise<void> {
    const engine = this.engine(place);
    if (action === 'send' || action === 'send twice') {
      for (let times = action === 'send' ? 1 : 2; times > 0; times -= 1) await this.send(engine, this.#next++);
    } else if (action === 'answer' || action === 'answer twice') {
      const given = [`by ${this.#lives}`, 'by another'].slice(0, action === 'answer' ? 1 : 2);
      const answers = given.map((value, index) => this.answer(this.engine((place + index) % 2), value));
      await Promise.all(answers);
    } else if (action === 'look') await this.clock.advance(1_000);
    else if (action === 'let go') {
      const closing = engine.close();
      await this.clock.until(closing);
      this.start(place);
    } else {
      (this.#frozen[place] as { isFrozen: boolean }).isFrozen = true;
      this.deaths += 1;
      this.start(place);
      // Until its lease has expired.
      await this.clock.advance(31_000);
    }
    await settled();
    await this.drive(this.engine((place + 1) % 2));
  }

  async send(engine: RunHost, item: number): Promise<void> {
    await engine.send(runId, 'item', item);
    this.sent.push(item);
  }

  async answer(engine: RunHost, value: string): Promise<void> {
    try {
      const { question } = await engine.answer(runId, undefined, value);
      this.accepted.push(`${String(question)} ${value}`);
    } catch (thrown) {
      expect((thrown as { readonly code?: string }).code).toMatch(/^(?:question-unknown|question-answered|run-ended)$/);
    }
  }

  async drive(engine: RunHost): Promise<void> {
    for (const { result } of await engine.resumeDue(1, new Set())) result.catch(() => undefined);
    await settled();
  }
}

function replaced(engines: readonly RunHost[], place: number, engine: RunHost): readonly RunHost[] {
  const copy = [...engines];
  copy[place] = engine;
  return copy;
}

describe('signals and answers at any moment, twice, from two processes, over deaths', () => {
  it('are neither lost nor counted twice', { timeout }, async () => {
    let [signals, deaths] = [0, 0];
    const acts = fc.array(fc.tuple(fc.constantFrom(...actions), fc.constantFrom(0, 1)), {
      minLength: 5,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const processes = new Processes();
        processes.start(0);
        processes.start(1);
        const begun = processes.engine(0).run({}, { runId, seed: 'seed' });
        begun.catch(() => undefined);
        await settled();
        for (const [action, place] of list) await processes.act(action, place as 0 | 1);
        await processes.send(processes.engine(0), -1);
        for (let turn = 0; (await processes.store.find(runId))?.status !== 'done'; turn += 1) {
          expect(turn, 'the run ends').toBeLessThan(200);
          await processes.clock.advance(turn % 10 === 0 ? 31_000 : 1_000);
          await processes.drive(processes.engine(turn % 2));
          await processes.answer(processes.engine(turn % 2), 'at last');
        }
        const items = processes.sent.filter((item) => item >= 0);
        const entries = await collected(processes.store.read(runId));
        const log = logOf(entries);
        expect(
          log.map((line) => Number.parseInt(line, 10)),
          'each signal once, in order',
        ).toEqual(items);
        const approved = log
          .filter((line) => !line.endsWith('unasked'))
          .map((line) => line.replace(/^(\d+)/, 'take $1?'));
        expect(processes.accepted, 'each answer that was accepted, once').toEqual(approved);
        expect((await processes.store.inbox(runId)).messages).toEqual([]);
        signals += items.length;
        deaths += processes.deaths;
      }),
      { numRuns: numRuns * 3, seed, timeout: timeout / 2 },
    );
    console.log(`messages over deaths: ${numRuns * 3} runs, ${signals} signals, ${deaths} deaths, seed ${seed}`);
    expect(signals).toBeGreaterThan(numRuns);
  });
});

/** What the tasks of the run wrote, in order: it has one task a step. */
function logOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'outcome' && entry.result.status === 'done'
      ? ((entry.result.delta as { readonly log?: readonly string[] } | undefined)?.log ?? [])
      : [],
  );
}
