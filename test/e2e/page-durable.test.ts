// The page of a run that lives long, in a real browser: what it waits for, how it cleaned up, and who drove it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageRunOf, writePage } from '../../cli/project/fixture/page.ts';
import { waitsOf } from '../../cli/project/store/stored-run.ts';
import { append, createEngine, fields, graph, memoryStore } from '../../src/index.ts';
import { stalledNote } from '../../src/engine/stored/resume/stalls.ts';
import { openRun } from '../../src/replay/index.ts';
import { faultsOf } from '../support/axe.ts';
import { sharedFolder } from '../support/folder.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const folder = sharedFolder();

const refunds = graph('refunds', { state: fields({ log: append<string>() }) })
  .node(
    'reserve',
    async (_state, { attempt, effect, onStop, sleep }) => {
      onStop((stopped) => stopped.effect('release', { seat: '12A' }, () => 'released'), { undoes: ['reserve'] });
      onStop(() => {
        throw new Error('the mail server does not answer');
      });
      await effect('reserve', { seat: '12A' }, () => 'reserved');
      if (attempt === 1) await sleep(60_000);
      return { delta: { log: ['reserved'] } };
    },
    { timeoutMs: 1_500, retry: { attempts: 2 } },
  )
  .node('review', async (_state, { ask }) => ({ delta: { log: [await ask<string>('Refund 44 to Ada?')] } }))
  .node('payment', async (_state, { receive }) => ({ delta: { log: [await receive<string>('paid')] } }))
  .node('sign', async (_state, { ask }) => ({ delta: { log: [await ask<string>('Who signs?')] } }))
  .edge('reserve', 'review')
  .edge('reserve', 'payment')
  .join(['review', 'payment'], 'sign')
  .start('reserve')
  .build();

/** Three pages: nobody has answered, one of two has, and both have. */
async function writePages(): Promise<void> {
  const store = memoryStore();
  await using engine = createEngine(refunds, { store });
  const write = async (file: string): Promise<void> => {
    const opened = await openRun({
      kind: 'stored',
      store,
      runId: 'run',
    });
    const steps = [];
    for await (const step of opened.steps)
      steps.push(step.step === 1 ? { ...step, beside: [...step.beside, stalledNote(0, 1_700_000_000_000)] } : step);
    const waitsFor = opened.summary === undefined ? [] : await waitsOf(store, opened.summary);
    const run = await pageRunOf({ ...opened, steps }, 'run', { waitsFor });
    writePage(file, { version: 1, title: 'run', runs: [run] }, folder);
  };
  expect(await engine.run({}, { runId: 'run', seed: 's' })).toMatchObject({ status: 'paused' });
  await write('asked.html');
  await engine.answer('run', '2.0:question', 'yes');
  expect(await engine.resume('run')).toMatchObject({ status: 'paused' });
  await write('answered.html');
  await engine.send('run', 'paid', 'forty-four');
  expect(await engine.resume('run')).toMatchObject({ status: 'paused' });
  await write('paid.html');
}

describe.skipIf(executablePath === undefined)('the page of a run that lives long', () => {
  let browser: Browser;
  beforeAll(async () => {
    await writePages();
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox'],
    });
  });
  afterAll(() => browser.close());

  async function opened(file: string, at: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce' });
    await page.goto(`${pathToFileURL(join(folder, file))}#at=${at}`);
    await page.getByRole('listbox').waitFor();
    return page;
  }

  const task = (page: Page) => page.getByRole('region', { name: 'Task', exact: true });
  const rows = (page: Page): Promise<readonly string[]> => page.locator('.task .about').allTextContents();
  const notes = (page: Page): Promise<readonly string[]> => page.locator('.attempt .note').allTextContents();

  it('says what each open task waits for, in the list and beside it, and that its step is open', async () => {
    const page = await opened('asked.html', '2.0');
    expect(await rows(page)).toEqual([
      '2 attempts · 1 effect · cleaned up',
      'asks "Refund 44 to Ada?"',
      'waits for the signal "paid"',
    ]);
    expect(await notes(page)).toEqual(['asks "Refund 44 to Ada?"']);
    expect(await task(page).locator('.state').textContent()).toMatch(
      /^State before step 2The step was not committed\./,
    );
    expect(await page.locator('.run-facts').textContent()).toContain('waits foran answer to 2.0:question of "review"');
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it('shows an answer and a signal as what they are, and no longer as what is waited for', async () => {
    const one = await opened('answered.html', '2.0');
    expect(await rows(one)).toEqual(['2 attempts · 1 effect · cleaned up', '1 effect', 'waits for the signal "paid"']);
    expect(await notes(one)).toEqual([]);
    expect(await task(one).locator('.effect').textContent()).toMatch(/ask "question".*Refund 44 to Ada\?responseyes/);
    await one.close();
    const both = await opened('paid.html', '2.1');
    expect(await rows(both)).toEqual([
      '2 attempts · 1 effect · cleaned up',
      '1 effect',
      '1 effect',
      'asks "Who signs?"',
    ]);
    expect(await task(both).locator('.effect').textContent()).toMatch(/receive "paid".*responseforty-four/);
    await both.close();
  });

  it('tells a clean-up from the work of its attempt, and says who took the run over', async () => {
    const page = await opened('paid.html', '1.0');
    const first = task(page).locator('.attempt').first();
    expect(await first.locator('h3').allTextContents()).toEqual(['attempt 1.0#1', 'error', 'effects', 'clean-up']);
    expect(await first.locator('.effect > summary').allTextContents()).toEqual([
      expect.stringMatching(/^effect "reserve" 1\.0#1:call:reserve \d+ ms$/),
      expect.stringMatching(/^effect "release" 1\.0#1!\d:call:release \d+ ms$/),
    ]);
    expect(await notes(page)).toEqual([
      'it was stopped by a timeout, and cleaned up with "release"',
      'clean-up of node "reserve": it threw Error: the mail server does not answer',
      'it has cleaned up, and taken back what "reserve" had got',
    ]);
    expect(await page.locator('.state .note').allTextContents()).toEqual([
      'the run was taken over from a process that lives, and had not renewed its lease',
    ]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });
});
