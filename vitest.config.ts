import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

// These patch or measure what a process has once (fetch, sockets, memory), so each file gets a process of its own.
const isolated = ['test/e2e/**/*.test.ts', 'test/unit/live/**/*.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      // Examples and tests import the package by its name, as a user does; here that is its source.
      { find: /^reprise$/, replacement: source('index.ts') },
      { find: /^reprise\/sqlite$/, replacement: source('store/sqlite/index.ts') },
      { find: /^reprise\/(http|sse)$/, replacement: source('live/$1/index.ts') },
      { find: /^reprise\/(opentelemetry|prometheus)$/, replacement: source('observe/$1/index.ts') },
      { find: /^reprise\/(config)$/, replacement: source('$1.ts') },
      { find: /^reprise\/(record|replay|diff|report|observe|explore|vitest)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: 'isolated', include: isolated } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/{unit,law,finder,golden,docs,repo}/**/*.test.ts'],
          exclude: isolated,
          // To start a process and load Reprise in it takes longer than most files of tests.
          isolate: false,
        },
      },
    ],
    pool: 'forks',
    // Vitest leaves one core idle by default; on a machine with two that doubles the time.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
