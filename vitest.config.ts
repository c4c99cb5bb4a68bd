import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

// Files that patch or measure what a process has once (fetch, sockets, memory): each gets a process of its own.
const alone = ['test/e2e/**/*.test.ts', 'test/unit/live/**/*.test.ts'];
// To start a process and load Reprise in it takes longer than most other files do, so they share one.
const shared = (name: string, folders: string) => ({
  extends: true as const,
  test: { name, include: [`test/${folders}/**/*.test.ts`], exclude: alone, isolate: false },
});

export default defineConfig({
  resolve: {
    alias: [
      // Examples and tests import the package by its name, as a user does; here that is its source.
      { find: /^reprise$/, replacement: source('index.ts') },
      { find: /^reprise\/(sqlite|postgres)$/, replacement: source('store/$1/index.ts') },
      { find: /^reprise\/(http|sse)$/, replacement: source('live/$1/index.ts') },
      { find: /^reprise\/(opentelemetry|prometheus)$/, replacement: source('observe/$1/index.ts') },
      { find: /^reprise\/msw\/browser$/, replacement: source('msw/browser/index.ts') },
      { find: /^reprise\/(config)$/, replacement: source('$1.ts') },
      {
        find: /^reprise\/(record|replay|diff|report|observe|update|explore|vitest|msw|testing)$/,
        replacement: source('$1/index.ts'),
      },
    ],
  },
  test: {
    // In the order of their names: what takes long comes first, so that no core is idle at the end.
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      shared('long', '{law,finder,docs,distributed}'),
      shared('short', '{unit,golden,repo}'),
    ],
    globalSetup: './test/support/compile-cache.ts',
    pool: 'forks',
    // Vitest leaves one core idle by default; on a machine with two that doubles the time.
    maxWorkers: '100%',
    // Against what hangs: no test takes a sixth of that, but one on a machine with much else to do may.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What is awaited comes, on a busy machine later than in the second that is the default.
    expect: { poll: { timeout: 30_000, interval: 10 } },
    reporters: ['default'],
  },
});
