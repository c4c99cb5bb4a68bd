import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

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
    include: ['test/{unit,law,finder,golden,e2e,docs,repo}/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
