import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    config: 'src/config.ts',
    sqlite: 'src/store/sqlite/index.ts',
    http: 'src/live/http/index.ts',
    sse: 'src/live/sse/index.ts',
    record: 'src/record/index.ts',
    replay: 'src/replay/index.ts',
    diff: 'src/diff/index.ts',
    report: 'src/report/index.ts',
    observe: 'src/observe/index.ts',
    opentelemetry: 'src/observe/opentelemetry/index.ts',
    prometheus: 'src/observe/prometheus/index.ts',
    update: 'src/update/index.ts',
    explore: 'src/explore/index.ts',
    vitest: 'src/vitest/index.ts',
    msw: 'src/msw/index.ts',
    testing: 'src/testing/index.ts',
    'cli/main': 'cli/main.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  dts: true,
  clean: true,
});
