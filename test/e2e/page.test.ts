// The page in a real browser, from disk: one browser for all of it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageRunOf, writePage } from '../../cli/project/fixture/page.ts';
import { compareRuns } from '../../src/diff/index.ts';
import { append, createEngine, fields, graph, input, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import { comparisonText, pageReport } from '../../src/report/index.ts';
import { faultsOf } from '../support/axe.ts';
import { sharedFolder } from '../support/folder.ts';
import { examples, mutantFixture } from './divergences/mutant.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const folder = sharedFolder();
const hostile = '</script><script>window.isHurt = true</script><img src=x onerror="window.isHurt = true"><!--';

/** The two runs of a diff: a fixture, and the same with another answer of the second task. */
async function writeDiff(file: string): Promise<void> {
  const paths = [
    examples.desk.fixture,
    await mutantFixture('desk', [['', '"text":"neighbours: Few', '"text":"neighbours: Many']]),
  ];
  const open = () => Promise.all(paths.map((path) => openRun({ kind: 'fixture', path })));
  const [recorded, replayed] = await open();
  if (recorded === undefined || replayed === undefined) throw new Error('two runs');
  const comparison = await compareRuns(recorded, replayed);
  const text = comparisonText(comparison, { recorded: 'before', replayed: 'after', reproduce: 'npx reprise diff' });
  const runs = await Promise.all(
    (await open()).map((opened, place) => pageRunOf(opened, place === 0 ? 'before' : 'after')),
  );
  writePage(
    file,
    { version: 1, title: 'before and after', runs, report: pageReport(comparison, { text, isGood: false }) },
    folder,
  );
}

async function writeRun(file: string, of: AnyGraph, given: object): Promise<void> {
  const store = memoryStore();
  await using engine = createEngine(of, { store });
  await engine.run(given as never, { runId: 'run', seed: 's' });
  const opened = await openRun({ kind: 'stored', store, runId: 'run' });
  writePage(file, { version: 1, title: `run ${hostile}`, runs: [await pageRunOf(opened, 'run')] }, folder);
}

const echoing = graph('echo', { state: fields({ text: last<string>(), heard: append<string>() }) })
  .node('echo <b>', async ({ text }, { effect, emit }) => {
    emit(`event ${hostile}`, { text });
    await effect(`call ${hostile.slice(0, 9).replaceAll('/', '')}`, { text }, () => text);
    return { delta: { heard: [text] } };
  })
  .start('echo <b>')
  .build();

const wide = graph('wide', {
  state: fields({ rounds: last(0), seen: append<number>() }),
  inputs: { count: input<{ number: number }>() },
})
  .node('spread', ({ rounds }, { send, stop }) =>
    rounds === 20
      ? { delta: {}, route: stop() }
      : {
          delta: { rounds: rounds + 1 },
          route: Array.from({ length: 500 }, (_, place) => send('count', { number: rounds * 500 + place })),
        },
  )
  .node('count', (_state, { input: { number } }) => ({ delta: { seen: [number] } }))
  .edge('count', 'spread')
  .start('spread')
  .build();

/** How many bars of the lanes are drawn from now on. */
function countBars(): void {
  const { prototype } = CanvasRenderingContext2D;
  const { fillRect } = prototype;
  const counted = globalThis as unknown as { bars: number };
  counted.bars = 0;
  prototype.fillRect = function count(...given) {
    counted.bars += 1;
    fillRect.apply(this, given);
  };
}

describe.skipIf(executablePath === undefined)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox'],
    });
    await writeDiff('diff.html');
  });
  afterAll(() => browser.close());

  interface Opened extends AsyncDisposable {
    readonly page: Page;
    /** What it asked for besides its file, and what went wrong. */
    readonly seen: readonly string[];
  }

  async function opened(file: string, fragment = '', options: Parameters<Browser['newPage']>[0] = {}): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 }, reducedMotion: 'reduce', ...options });
    const seen: string[] = [];
    page.on('request', (request) => request.isNavigationRequest() || seen.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && seen.push(message.text()));
    page.on('pageerror', (error) => seen.push(error.message));
    await page.goto(`${pathToFileURL(join(folder, file))}${fragment}`);
    await page.getByRole('listbox').waitFor();
    return { page, seen, [Symbol.asyncDispose]: () => page.close() };
  }

  const chosen = (page: Page): Promise<string | null> =>
    page.getByRole('region', { name: 'Task', exact: true }).getByRole('heading', { level: 2 }).first().textContent();

  it('is one file without a network, smaller than 150 kB packed', async () => {
    await using at = await opened('diff.html');
    expect(at.seen).toEqual([]);
    const [script, style] = ['page.iife.js', 'page.css'].map((name) => readFileSync(join('dist/page', name)));
    expect(gzipSync(Buffer.concat([script as Buffer, style as Buffer])).length).toBeLessThan(150_000);
  });

  it('begins at the first divergence, with both values, and marks what follows', async () => {
    await using at = await opened('diff.html');
    expect(await chosen(at.page)).toBe('research 2.1');
    const report = at.page.getByRole('region', { name: 'Report', exact: true });
    expect(await report.getByText('code changed').first().isVisible()).toBe(true);
    expect(await report.locator('mark').allTextContents()).toEqual(['Few', 'Many']);
    expect(await at.page.locator('.task.wrong').count()).toBe(1);
    await at.page.getByRole('option', { name: 'write 6.0' }).click();
    await report.getByRole('button', { name: 'Jump to 2.1#1' }).click();
    expect(await chosen(at.page)).toBe('research 2.1');
    await at.page.getByRole('radio', { name: 'after' }).check();
    expect(await at.page.getByText('output in both runs').isVisible()).toBe(true);
  });

  it('is scrubbed by mouse and keyboard, searched and filtered, and keeps the place in its address', async () => {
    await using at = await opened('diff.html', '#at=5.0');
    const { page } = at;
    expect(await chosen(page)).toBe('research 5.0');
    await page.getByRole('slider', { name: 'Step' }).press('ArrowRight');
    expect(await chosen(page)).toBe('write 6.0');
    expect(await page.getByRole('heading', { name: 'State after step 6' }).isVisible()).toBe(true);
    await page.locator('canvas').click({ position: { x: 10, y: 10 } });
    expect(await chosen(page)).toBe('plan 1.0');
    await expect.poll(() => new URL(page.url()).hash).toBe('#at=1.0');
    await page.getByRole('searchbox').fill('spring');
    expect(await page.getByRole('status').textContent()).toMatch(/^\d of 8 tasks$/);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^research ×4/ }).click();
    expect(await page.getByRole('option').count()).toBe(4 + (await page.locator('select option').count()));
    await expect.poll(() => new URL(page.url()).hash).toBe('#at=1.0&node=research');
    await page.getByLabel('Order').selectOption('observed');
    expect(at.seen).toEqual([]);
  });

  it('needs no mouse', async () => {
    await using at = await opened('diff.html', '#at=1.0');
    const { page } = at;
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'listbox') break;
    }
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await chosen(page)).toBe('research 2.1');
    expect(await page.getByRole('listbox').getAttribute('aria-activedescendant')).toBe('task-2');
    await page.keyboard.press('End');
    expect(await chosen(page)).toBe('write 6.0');
    await page.keyboard.press('[');
    expect(await chosen(page)).toBe('research 5.0');
    await page.keyboard.press('n');
    expect(await chosen(page)).toBe('research 2.1');
    await page.keyboard.press('/');
    await page.keyboard.type('holiday');
    expect(await page.getByRole('searchbox').inputValue()).toBe('holiday');
  });

  it('has no fault of access that axe finds, light or dark, and 400 px wide', async () => {
    await using at = await opened('diff.html');
    const { page } = at;
    expect(await faultsOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('button', { name: 'light or dark' }).click();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  });

  it('shows hostile content as text', async () => {
    await writeRun('hostile.html', echoing as unknown as AnyGraph, { text: hostile });
    await using at = await opened('hostile.html');
    expect(await at.page.evaluate(() => 'isHurt' in globalThis)).toBe(false);
    expect(await at.page.locator('img').count()).toBe(0);
    expect(await at.page.getByRole('heading', { level: 1 }).textContent()).toBe(`run ${hostile}`);
    expect(await at.page.locator('.inspector').getByText(hostile).first().isVisible()).toBe(true);
    expect(at.seen).toEqual([]);
  });

  it('draws only what is visible of 10,000 tasks', async () => {
    await writeRun('wide.html', wide as unknown as AnyGraph, {});
    await using at = await opened('wide.html');
    const { page } = at;
    expect(await page.getByRole('status').textContent()).toBe('10021 tasks');
    await page.evaluate(countBars);
    await page.getByRole('slider', { name: 'Step' }).press('ArrowRight');
    expect(await chosen(page)).toBe('count 2.0');
    // The picture follows the rendering by a frame.
    await page.waitForFunction(() => (globalThis as unknown as { bars: number }).bars > 0);
    expect(await page.evaluate(() => (globalThis as unknown as { bars: number }).bars)).toBe(1);
    await page.getByRole('listbox').press('End');
    expect(await chosen(page)).toBe('spread 41.0');
    expect(await page.locator('.task').count()).toBeLessThan(60);
    await page.getByRole('searchbox').fill('{"number":7777},"attempts"');
    expect(await page.getByRole('status').textContent()).toBe('1 of 10021 tasks');
    expect(at.seen).toEqual([]);
  });
});
