// The types of `reprise/config`, as the built package gives them to a user.
import { defineConfig } from 'reprise/config';

export const full = defineConfig({
  graphs: ['src/graphs/*.ts'],
  store: 'runs.db',
  fixtures: 'fixtures/**/*.run.jsonl',
  origins: { openai: ['https://api.openai.com'] },
  env: { OPENAI_API_KEY: 'replay' },
});

export const misspelt = defineConfig({
  // @ts-expect-error the key is `graphs`
  graph: ['src/graphs/*.ts'],
});

// @ts-expect-error the store is the path of one file
export const stores = defineConfig({ store: ['runs.db'] });
