// What `reprise replay` without arguments replays in this repository: the runs of the examples.
import { defineConfig } from 'reprise/config';

export default defineConfig({
  graphs: ['docs/examples/{research-desk,web-answer,tool-loop,approval,panel}/graph.ts'],
  fixtures: 'fixtures/{research-desk,web-answer,tool-loop,approval,panel}/*.run.jsonl',
  // The clients are pointed at the provider that the runs were recorded with; nobody listens there in a replay.
  env: { OPENAI_BASE_URL: 'http://127.0.0.1:4010/v1', ANTHROPIC_BASE_URL: 'http://127.0.0.1:4010' },
});
