// A real browser shows a run's tokens live. Its server is killed in the middle and restarted, and the page ends with
// the exact text: nothing missing, nothing repeated.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder } from '../support/folder.ts';
import { tokenAt } from '../support/stream-tokens.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const count = 400;
const expected = (from: number): string =>
  Array.from({ length: count }, (_unused, place) => tokenAt(from + place)).join('');

const folder = sharedFolder();
let port: number;
beforeAll(async () => {
  port = await freePort();
});

if (executablePath === undefined)
  console.warn(
    'NOT RUN: no Chromium was found, so nothing was shown in a real browser. Install it, or name it by CHROMIUM.',
  );

describe('EventSource in Chromium', () => {
  it.skipIf(executablePath === undefined)(
    'shows the tokens live, survives the death of the server, and ends with the exact text',
    async () => {
      let server = await startServer();
      const browser = await chromium.launch({
        ...(executablePath === undefined ? {} : { executablePath }),
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync'],
      });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${port}/`);
        await page.waitForFunction(() => Number(document.body.dataset.count ?? 0) >= 40);
        const early = await page.textContent('#status');
        server.kill('SIGKILL');
        const seen = Number(await page.evaluate(() => document.body.dataset.count));
        server = await startServer();
        await page.waitForFunction(() => document.getElementById('status')?.textContent === 'done', undefined, {
          timeout: 90_000,
        });
        expect(early).toBe('waiting');
        expect(seen).toBeLessThan(2 * count);
        expect(await page.textContent('#first')).toBe(expected(0));
        expect(await page.textContent('#second')).toBe(expected(count));
        expect(Number(await page.evaluate(() => document.body.dataset.opened))).toBeGreaterThan(1);
      } finally {
        await browser.close();
        server.kill('SIGKILL');
      }
    },
    60_000,
  );
});

function startServer(): Promise<ChildProcess> {
  const main = new URL('../support/stream-server-main.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--no-warnings', main, join(folder, 'runs.db'), String(port), String(count), 'run-1', '6'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout?.once('data', () => resolve(child));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
}
