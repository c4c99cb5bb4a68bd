// What commands write with `--html`, in a real browser: the order that `check` found, both journals of a replay, inner runs.
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/program.ts';
import { faultsOf } from '../support/axe.ts';
import { makeProject, reprise } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder } from '../support/folder.ts';
import { RecordedIo } from '../support/recorded-io.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const folder = sharedFolder();

const race = `import { append, fields, graph } from 'reprise';
let current = '';
const work = (name) => async (_state, { effect }) => {
  current = name;
  const answer = await effect('model', name, () => 'fine');
  return { delta: { heard: [current + ': ' + answer] } };
};
export const race = graph('race', { state: fields({ heard: append() }) })
  .node('fork', () => ({}))
  .node('left', work('left'))
  .node('right', work('right'))
  .edge('fork', 'left')
  .edge('fork', 'right')
  .start('fork')
  .build();
`;

const digest = (ending: string) => `import { append, fields, graph, input, last } from 'reprise';
const summary = graph('summary', { state: fields({ text: last(), short: last(''), words: last(0) }) })
  .node('shorten', ({ text }) => ({ delta: { short: text.slice(0, 5) } }))
  .node('count', ({ short }) => ({ delta: { words: short.length + ${ending} } }))
  .edge('shorten', 'count')
  .start('shorten')
  .build();
export const digest = graph('digest', { state: fields({ pages: last(), lines: append() }), inputs: { summarize: input() } })
  .node('split', ({ pages }, { send }) => ({ route: pages.map((page) => send('summarize', page)) }))
  .subgraph('summarize', summary, {
    input: (_state, { input: page }) => ({ text: page }),
    output: ({ short, words }) => ({ lines: [short + ' ' + words] }),
  })
  .start('split')
  .build();
`;

describe.skipIf(executablePath === undefined)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    makeProject(folder, { 'race.ts': race, 'digest.ts': digest('0'), 'today.ts': digest('1') });
    const record = (name: string, given: object) =>
      commandHere(folder, [
        ...['record', `${name}.ts#${name}`, '--input', JSON.stringify(given), '--out', `fixtures/${name}/a.run.jsonl`],
      ]);
    expect(await record('race', {})).toMatchObject({ code: 0 });
    expect(await record('digest', { pages: ['first page', 'second page'] })).toMatchObject({ code: 0 });
    // Its watch would read every variable of this process.
    const checked = await reprise(folder, [
      ...['check', 'fixtures/race/a.run.jsonl', '--graph', 'race.ts#race', '--html', 'check.html'],
    ]);
    expect(checked).toMatchObject({ code: 1, talk: expect.stringContaining('written: check.html') });
    const replayed = await commandHere(folder, [
      ...['replay', 'fixtures/digest/a.run.jsonl', '--graph', 'today.ts#digest', '--html', 'replay.html'],
    ]);
    expect(replayed).toMatchObject({ code: 1, talk: expect.stringContaining('written: replay.html') });
    // After the commands: what they seal is the whole process, with its connection to the browser.
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      // A name that another site lets point to this machine.
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'],
    });
  }, 120_000);
  afterAll(() => browser.close());

  async function opened(file: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 400, height: 800 }, reducedMotion: 'reduce' });
    await page.goto(String(pathToFileURL(join(folder, file))));
    await page.getByRole('listbox').waitFor();
    return page;
  }

  const chosen = (page: Page): Promise<string | null> =>
    page.getByRole('region', { name: 'Task', exact: true }).getByRole('heading', { level: 2 }).first().textContent();

  it('shows the order that was found as lanes, what is held, and the variable with its writers', async () => {
    const page = await opened('check.html');
    const report = page.getByRole('region', { name: 'Report', exact: true });
    const order = report.getByRole('region', { name: 'The order as lanes' });
    expect(await order.locator('.lane text').allTextContents()).toEqual(['left 2.0#1', 'right 2.1#1']);
    expect(await order.locator('.event.held').count()).toBe(1);
    expect(await order.locator('.event.awaited').count()).toBe(1);
    expect(await order.locator('.event .ready').count()).toBe(1);
    expect(await report.locator('.conditions > li').first().textContent()).toMatch(/^when .* comes only after .*$/);
    expect(await report.getByText('current', { exact: true }).isVisible()).toBe(true);
    expect(await report.locator('.whose').allTextContents()).toEqual(['first in, first out', 'in this order']);
    await report.getByRole('button', { name: 'right 2.1#1', exact: true }).click();
    expect(await chosen(page)).toBe('right 2.1');
    await report.getByText('The events in this order').click();
    await report.getByRole('listitem').getByRole('button').first().press('Enter');
    expect(await chosen(page)).toBe('left 2.0');
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.close();
  });

  it('shows the journal of a replay beside the recorded one, and the states of inner runs', async () => {
    const page = await opened('replay.html');
    expect(await chosen(page)).toBe('count 2.0#1/2.0');
    const state = page.locator('.state');
    expect(await state.getByRole('heading', { level: 2 }).textContent()).toBe('State after step 2.0#1/2');
    expect(await state.textContent()).toContain('words: 5');
    expect(await page.getByText('output in both runs').isVisible()).toBe(true);
    await page.getByRole('radio', { name: 'replayed' }).check();
    expect(await chosen(page)).toBe('count 2.0#1/2.0');
    expect(await state.textContent()).toContain('words: 6');
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it('is served to nobody but its own user, whatever another page tries', async () => {
    writeFileSync(join(folder, 'fixtures/hostile.run.jsonl'), '{"a":"</script><script>window.isHurt = 1</script>"}\n');
    const io = new RecordedIo(folder);
    const ended = runProgram(['serve', 'fixtures'], io);
    await expect.poll(() => io.out).toContain('http://');
    const url = io.out.trim();
    const page = await browser.newPage();
    await page.goto(url);
    expect(await page.getByRole('link').allTextContents()).toEqual([
      'digest/a.run.jsonl',
      'hostile.run.jsonl',
      'race/a.run.jsonl',
    ]);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('searchbox').fill('DIGEST');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'digest/a.run.jsonl' }).click();
    await page.getByRole('listbox').waitFor();
    await page.getByRole('button', { name: 'read again' }).click();
    await page.getByRole('listbox').waitFor();
    await page.getByRole('link', { name: 'all runs' }).click();
    await page.getByRole('link', { name: 'hostile.run.jsonl' }).click();
    expect(await page.locator('pre').textContent()).toContain('fixture-damaged');
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate(() => 'isHurt' in globalThis)).toBe(false);
    // Another site that has even learned the address.
    const other = createServer((_request, response) => response.end('<!doctype html><title>other</title>'));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    for (const site of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `http://evil.example:${port}/`]) {
      await page.goto(site);
      const read = await page.evaluate(async (target) => {
        const texts: string[] = [];
        for (const mode of ['cors', 'no-cors'] as const)
          texts.push(
            await fetch(target, { mode }).then(
              (response) => response.text(),
              () => '',
            ),
          );
        const frame = document.createElement('iframe');
        frame.src = target;
        document.body.append(frame);
        await new Promise((resolve) => void frame.addEventListener('load', resolve));
        try {
          texts.push(frame.contentDocument?.body.textContent ?? '');
        } catch {
          texts.push('');
        }
        return texts.join('');
      }, url);
      expect(read).toBe('');
    }
    await page.goto(url.replace('127.0.0.1', 'evil.example'));
    expect(await page.locator('body').textContent()).toMatch(/^Not found\./);
    await page.close();
    other.close();
    other.closeAllConnections();
    io.interrupt();
    expect(await ended).toBe(0);
  });
});
