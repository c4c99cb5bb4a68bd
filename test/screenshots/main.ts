// Takes the pictures of the guides: `npm run docs:screenshots`, after a build. They are taken of runs that it makes itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { makeProject, program, reprise, root } from '../support/cli.ts';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** Two tasks of one step share a variable. */
const race = `import { append, fields, graph } from 'reprise';
let current = '';
const work = (name) => async (_state, { effect }) => {
  current = name;
  const answer = await effect('model', { ask: name }, () => 'fine');
  return { delta: { heard: [current + ': ' + answer] } };
};
export const desk = graph('desk', { state: fields({ heard: append() }) })
  .node('plan', () => ({}))
  .node('left', work('left'))
  .node('right', work('right'))
  .edge('plan', 'left')
  .edge('plan', 'right')
  .start('plan')
  .build();
`;

interface Picture {
  readonly name: string;
  readonly url: string;
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

async function take(browser: Browser, { name, url, theme, width, height }: Picture): Promise<void> {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await page.getByRole('main').waitFor();
  await page.screenshot({ path: join(images, name) });
  await page.close();
}

async function command(folder: string, ...args: readonly string[]): Promise<void> {
  const { code, talk } = await reprise(folder, args);
  if (code !== 0 && code !== 1) throw new Error(talk);
}

const folder = mkdtempSync(join(tmpdir(), 'reprise-screenshots-'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  makeProject(folder, { 'desk.ts': race });
  const [check, replay] = [join(folder, 'check.html'), join(folder, 'replay.html')];
  const desk = 'fixtures/desk/desk-1.run.jsonl';
  await command(folder, 'record', 'desk.ts#desk', '--input', '{}', '--run-id', 'desk-1', '--out', desk);
  await command(folder, 'check', desk, '--graph', 'desk.ts#desk', '--html', check);
  const research = 'fixtures/research-desk/research-desk-1.run.jsonl';
  await command(root, 'show', research, '--html', replay);
  const page = { width: 1200, height: 760 };
  await take(browser, { name: 'run-light.png', url: `${pathToFileURL(replay)}#at=3.0`, theme: 'light', ...page });
  await take(browser, { name: 'order-dark.png', url: String(pathToFileURL(check)), theme: 'dark', ...page });
  const server = spawn(process.execPath, [program, 'serve', 'fixtures'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve) => {
      server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    });
    await take(browser, { name: 'serve-light.png', url, theme: 'light', width: 900, height: 330 });
  } finally {
    server.kill();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
