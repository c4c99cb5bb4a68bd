// Measures the page of runs of 10,000 tasks in Chromium: how long it takes to open, and its frames while it is scrolled and
// scrubbed. Time on the clock depends on what else the machine does, so the time of the page's own thread is printed too.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { CDPSession, Page } from 'playwright-core';
import { pageRunOf, writePage } from '../../cli/project/fixture/page.ts';
import { append, createEngine, fields, graph, input, memoryStore, sum } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';

const rounds = Number(process.env.REPRISE_BENCH_ROUNDS ?? 5);
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));

/** 20 fan-outs of 500 tasks, each with an effect, over a growing list. */
const wide = graph('wide', {
  state: fields({ rounds: sum(), seen: append<string>() }),
  inputs: { ask: input<{ readonly number: number }>() },
})
  .node('spread', ({ rounds: round }, { send, stop }) => ({
    delta: { rounds: 1 },
    route:
      round === 20 ? stop() : Array.from({ length: 500 }, (_, place) => send('ask', { number: round * 500 + place })),
  }))
  .node('ask', async (_state, { input: { number }, effect }) => {
    const said = await effect('model', { prompt: `Question ${number}: ${'what was said before. '.repeat(8)}` }, () => ({
      text: `Answer ${number}: ${'and what follows from it. '.repeat(8)}`,
    }));
    return { delta: { seen: [said.text.slice(0, 12)] } };
  })
  .edge('ask', 'spread')
  .start('spread')
  .build();

/** 10,000 steps of one task over a growing list. */
const long = graph('long', { state: fields({ count: sum(), log: append<string>() }) })
  .node('a', async ({ count }) => ({ delta: { count: 1, log: [`line ${count}`] } }))
  .edge('a', 'a', { when: ({ count }) => count < 10_000 })
  .start('a')
  .build();

async function writeRun(of: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(of, { store });
  await engine.run({}, { runId: 'run', seed: 's' }).orThrow();
  const opened = await openRun({ kind: 'stored', store, runId: 'run' });
  const path = join(folder, `${of.name}.html`);
  writePage(path, { version: 1, title: of.name, runs: [await pageRunOf(opened, 'run')] }, folder);
  return path;
}

/** Notes when the first bar of the lanes is drawn, and when the page next has its turn. */
function noteLanes(): void {
  const { prototype } = CanvasRenderingContext2D;
  const { fillRect } = prototype;
  const seen = globalThis as unknown as { drawn?: number; idle?: number; frames?: number[] };
  prototype.fillRect = function noted(...given) {
    if (seen.drawn === undefined) {
      seen.drawn = performance.now();
      requestAnimationFrame(() => setTimeout(() => (seen.idle = performance.now())));
    }
    fillRect.apply(this, given);
  };
}

/** Notes the time between frames until it is asked for them. */
function noteFrames(): void {
  const seen = globalThis as unknown as { frames?: number[] };
  const frames: number[] = [];
  seen.frames = frames;
  let before = performance.now();
  const next = (): void => {
    if (seen.frames !== frames) return;
    const now = performance.now();
    frames.push(now - before);
    before = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

interface Frames {
  readonly p95: number;
  readonly threadMs: number;
}

async function threadTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000;
}

/** The frames while something is done again and again, and the page's own time for each time that it is done. */
async function framesOf(
  page: Page,
  session: CDPSession,
  times: number,
  act: (time: number) => Promise<void>,
): Promise<Frames> {
  await page.evaluate(noteFrames);
  const before = await threadTime(session);
  for (let time = 0; time < times; time += 1) await act(time);
  const threadMs = ((await threadTime(session)) - before) / times;
  const frames = await page.evaluate(() => {
    const seen = globalThis as unknown as { frames?: number[] };
    const noted = seen.frames ?? [];
    delete seen.frames;
    return noted;
  });
  frames.sort((left, right) => left - right);
  return { p95: frames[Math.floor(frames.length * 0.95)] ?? Number.NaN, threadMs };
}

interface Figures {
  readonly opened: number;
  readonly openThread: number;
  readonly scroll: Frames;
  readonly scrub: Frames;
}

async function look(path: string): Promise<Figures> {
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.addInitScript(noteLanes);
    await page.goto(pathToFileURL(path).href);
    await page.waitForFunction(() => 'idle' in globalThis);
    const opened = await page.evaluate(() => (globalThis as unknown as { idle: number }).idle);
    const openThread = await threadTime(session);
    await page.getByRole('listbox').hover();
    const scroll = await framesOf(page, session, 100, async () => {
      await page.mouse.wheel(0, 900);
      await page.waitForTimeout(8);
    });
    const box = await page.locator('canvas.lanes').boundingBox();
    if (box === null) throw new Error('there are no lanes');
    await page.mouse.move(box.x + 5, box.y + 40);
    await page.mouse.down();
    const scrub = await framesOf(page, session, 50, async (time) => {
      await page.mouse.move(box.x + 5 + (time / 50) * (box.width - 10), box.y + 40);
    });
    await page.mouse.up();
    return { opened, openThread, scroll, scrub };
  } finally {
    await browser.close();
  }
}

function median(figures: readonly number[]): string {
  const sorted = figures.map((figure) => Math.round(figure * 10) / 10).sort((left, right) => left - right);
  return `${sorted[Math.floor(sorted.length / 2)]} ms (${sorted[0]} to ${sorted.at(-1)})`;
}

for (const built of [wide, long] as unknown as readonly AnyGraph[]) {
  const path = await writeRun(built);
  const figures: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) figures.push(await look(path));
  const shown = {
    'until the lanes are drawn and it answers': median(figures.map(({ opened }) => opened)),
    'of that its own thread': median(figures.map(({ openThread }) => openThread)),
    'frames while the list is scrolled, p95': median(figures.map(({ scroll }) => scroll.p95)),
    'its own thread for a turn of the wheel': median(figures.map(({ scroll }) => scroll.threadMs)),
    'frames while the lanes are scrubbed, p95': median(figures.map(({ scrub }) => scrub.p95)),
    'its own thread for each place': median(figures.map(({ scrub }) => scrub.threadMs)),
  };
  console.log(`${built.name}, 10,000 tasks, a page of ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  for (const [name, figure] of Object.entries(shown)) console.log(`  ${name.padEnd(42)} ${figure}`);
}
rmSync(folder, { recursive: true, force: true });
