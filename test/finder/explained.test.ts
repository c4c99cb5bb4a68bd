// Fixtures that came out as they did by an accident of order: which order is found again, also where the fixture does not
// say it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawStream } from '../../src/base/draw.ts';
import { explain } from '../../src/explore/explain/explain.ts';
import { createEngine, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { exportRun } from '../../src/record/export-run.ts';
import { fileOf } from '../support/fixture-file.ts';
import { collected } from '../support/journals.ts';
import type { Explained } from './explained-plant.ts';
import { oneNode } from './fan-out.ts';
import { plant as overThreeSteps } from './explained/47-over-three-steps.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seeds = Array.from({ length: isLong ? 20 : 1 }, (_, number) => String(number));
const triedMax = 500;

async function recorded(graph: AnyGraph, observed: boolean): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(graph, { store });
  await engine.run({} as never, { runId: 'planted', seed: 'planted' });
  return fileOf(Buffer.concat(await collected(exportRun(store, 'planted', { observed }))));
}

const nobody = async (): Promise<string> => 'nobody';

/** Answers what is asked of it one by one, in a drawn order that never begins with what was asked first. */
function accidental(seed: string): (what: string) => Promise<string> {
  const { next } = drawStream(seed, 'accidents');
  const open: (() => void)[] = [];
  const answerOne = (): void => {
    const place = open.length === 1 ? 0 : 1 + Math.floor(next() * (open.length - 1));
    open.splice(place, 1)[0]?.();
    if (open.length > 0) setImmediate(answerOne);
  };
  return (what) =>
    new Promise((resolve) => {
      open.push(() => resolve(what));
      if (open.length === 1) setImmediate(answerOne);
    });
}

const folder = join(import.meta.dirname, 'explained');

for (const file of readdirSync(folder)) {
  const { plant } = (await import(join(folder, file))) as { plant: Explained };

  it(`finds the order behind ${plant.title} (${file})`, { timeout: 1_800_000 }, async () => {
    const tried: number[] = [];
    for (const seed of seeds) {
      const path = await recorded(plant.make(accidental(seed)), false);
      const report = await explain(() => plant.make(nobody), path, { seed });
      expect(report).toMatchObject({ verdict: 'race', fifo: 'differently', recordedOrder: 'not kept' });
      const { race } = report;
      tried.push(race?.after ?? Number.POSITIVE_INFINITY);
      expect(race?.holds.length).toBeLessThanOrEqual(plant.depth);
      expect(race?.variables?.map(({ name }) => name)).toContain(plant.variable);
      if (!isLong) continue;
      const again = await explain(() => plant.make(nobody), path, { only: race?.schedule ?? '' });
      expect(again).toMatchObject({ verdict: 'race', race: { from: 'given' } });
    }
    tried.sort((left, right) => left - right);
    process.stdout.write(`${file}: found after ${tried[tried.length >> 1]} orders, at worst ${tried.at(-1)}\n`);
    expect(tried.at(-1)).toBeLessThanOrEqual(triedMax);
  });
}

it('finds it at once where the fixture says it', async () => {
  const path = await recorded(overThreeSteps.make(accidental('0')), true);
  const report = await explain(() => overThreeSteps.make(nobody), path);
  expect(report).toMatchObject({ verdict: 'race', recordedOrder: 'as recorded', race: { from: 'the recorded order' } });
});

it('looks no further where up to the first difference nothing can come in another order', async () => {
  const made = (said: string) => oneNode(async ({ ask }) => `${await ask('model')} ${said}`);
  const path = await recorded(made('before'), true);
  const report = await explain(() => made('today'), path, { seed: '1' });
  expect(report).toMatchObject({ verdict: 'no race found', fifo: 'differently', run: { choices: 0 } });
  expect(report.schedules).toBeLessThan(10);
});
