// Metrics in the text that Prometheus reads, from runs of every kind; and that no label grows with the runs.
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { createEngine, fields, graph, memoryStore, sum } from '../../../src/index.ts';
import type { ObservedEntry, RunObserver } from '../../../src/index.ts';
import { prometheus } from '../../../src/observe/prometheus/index.ts';
import { asking } from '../../support/counting-graphs.ts';
import { entriesOf } from '../../support/fixture-file.ts';

const inner = graph('inner', { state: fields({ count: sum() }) })
  .node('look', () => ({ delta: { count: 1 } }))
  .start('look')
  .build();
const desk = graph('desk', { state: fields({ count: sum(), isBroken: sum() }) })
  .node(
    'try',
    async ({ isBroken }, { effect, attempt }) => {
      await effect('ask', attempt, async (request) => {
        if (request === 1) throw new Error('not yet');
        return request;
      });
      if (isBroken > 0) throw new Error('broken');
      return { delta: { count: 1 } };
    },
    { retry: { attempts: 2 } },
  )
  .subgraph('below', inner, { input: () => ({}), output: ({ count }) => ({ count }) })
  .edge('try', 'below')
  .start('try')
  .build();
/** The samples of counters, and how often histograms were told something. */
async function samplesOf(register: Registry): Promise<readonly string[]> {
  const text = await register.metrics();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !/_bucket\{|_sum[ {]/.test(line))
    .sort();
}

describe('prometheus', () => {
  it('counts runs, steps, tasks, attempts, retries and effects, and times them', async () => {
    const register = new Registry();
    const engine = createEngine(desk, { observers: [prometheus({ register })] });
    await engine.run({});
    await engine.run({ isBroken: 1 });
    await engine.close();
    expect(await samplesOf(register)).toEqual(
      [
        'reprise_runs_started_total{graph="desk"} 2',
        'reprise_runs_total{graph="desk",status="done"} 1',
        'reprise_runs_total{graph="desk",status="failed"} 1',
        'reprise_run_duration_seconds_count{graph="desk",status="done"} 1',
        'reprise_run_duration_seconds_count{graph="desk",status="failed"} 1',
        'reprise_steps_total{graph="desk"} 2',
        'reprise_step_duration_seconds_count{graph="desk"} 2',
        'reprise_tasks_total{graph="desk",node="try",status="done"} 1',
        'reprise_tasks_total{graph="desk",node="try",status="failed"} 1',
        'reprise_tasks_total{graph="desk",node="below",status="done"} 1',
        'reprise_tasks_total{graph="desk",node="below/look",status="done"} 1',
        'reprise_attempts_total{graph="desk",node="try",status="failed"} 3',
        'reprise_attempts_total{graph="desk",node="try",status="done"} 1',
        'reprise_attempts_total{graph="desk",node="below",status="done"} 1',
        'reprise_attempts_total{graph="desk",node="below/look",status="done"} 1',
        'reprise_attempt_duration_seconds_count{graph="desk",node="try",status="failed"} 3',
        'reprise_attempt_duration_seconds_count{graph="desk",node="try",status="done"} 1',
        'reprise_attempt_duration_seconds_count{graph="desk",node="below",status="done"} 1',
        'reprise_attempt_duration_seconds_count{graph="desk",node="below/look",status="done"} 1',
        'reprise_retries_total{graph="desk",node="try"} 2',
        'reprise_effects_total{type="call",status="error"} 2',
        'reprise_effects_total{type="call",status="ok"} 2',
        'reprise_effect_duration_seconds_count{type="call",status="error"} 2',
        'reprise_effect_duration_seconds_count{type="call",status="ok"} 2',
        'reprise_observer_dropped_entries_total 0',
      ].sort(),
    );
  });

  it('counts that a run pauses, and times no wait for people', async () => {
    const register = new Registry();
    const engine = createEngine(asking, { observers: [prometheus({ register, prefix: 'mine_' })] });
    await engine.run({}, { runId: 'r' });
    await engine.resume('r', { answer: '2' });
    await engine.close();
    const samples = await samplesOf(register);
    expect(samples).toContain('mine_runs_total{graph="asking",status="paused"} 1');
    expect(samples).toContain('mine_runs_total{graph="asking",status="done"} 1');
    expect(samples.filter((sample) => sample.startsWith('mine_run_duration'))).toEqual([]);
  });

  it('counts in a fork only what happened there', async () => {
    const register = new Registry();
    const engine = createEngine(desk, { store: memoryStore(), observers: [prometheus({ register })] });
    await engine.run({}, { runId: 'r' });
    await engine.fork('r', { step: 1 });
    await engine.close();
    const samples = await samplesOf(register);
    expect(samples).toContain('reprise_runs_started_total{graph="desk"} 2');
    expect(samples).toContain('reprise_attempts_total{graph="desk",node="try",status="done"} 1');
    expect(samples).toContain('reprise_attempts_total{graph="desk",node="below",status="done"} 2');
    expect(samples).toContain('reprise_steps_total{graph="desk"} 3');
  });

  it('counts the tokens of a recorded run by model', async () => {
    const register = new Registry();
    const observer = prometheus({ register });
    const journal = await entriesOf('fixtures/research-desk/research-desk-1.run.jsonl');
    tell(observer, journal);
    const text = await register.metrics();
    expect(text).toContain('reprise_model_tokens_total{model="gpt-4.1-mini",direction="input"} 112');
    expect(text).toContain('reprise_model_tokens_total{model="gpt-4.1-mini",direction="output"} 79');
    expect(text).toContain('reprise_model_tokens_total{model="gpt-4.1-nano-2025-04-14",direction="output"} 300');
  });

  it('takes the times of the journal, not those at which it is told', async () => {
    const register = new Registry();
    tell(prometheus({ register }), [
      { kind: 'run', at: '', observed: { runId: 'r', time: 1_000 } },
      { kind: 'commit', at: '0', frontier: [{ node: 'look' }], observed: { time: 1_500 } },
      {
        kind: 'outcome',
        at: '1.0#1',
        node: 'look',
        result: { status: 'done' },
        observed: { began: 2_000, ended: 4_000 },
      },
      { kind: 'commit', at: '1', frontier: [], observed: { time: 4_500 } },
      { kind: 'end', at: '', step: 1, end: { status: 'done' }, observed: { time: 5_000 } },
    ] as unknown as Entry[]);
    const text = await register.metrics();
    expect(text).toContain('reprise_run_duration_seconds_sum{graph="research-desk",status="done"} 4\n');
    expect(text).toContain('reprise_step_duration_seconds_sum{graph="research-desk"} 3\n');
    expect(text).toContain('reprise_attempt_duration_seconds_sum{graph="research-desk",node="look",status="done"} 2\n');
  });

  it('has as many labels after a thousand runs as after one, and at most 50 models and `other`', async () => {
    const register = new Registry();
    const observer = prometheus({ register });
    const [first, ...journal] = await entriesOf('fixtures/research-desk/research-desk-1.run.jsonl');
    const sizes: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      tell(observer, [first as Entry, ...journal.map((entry) => withModel(entry, `model-${index}`))], `run-${index}`);
      sizes.push((await samplesOf(register)).length);
    }
    expect(sizes.at(-1)).toBe(sizes[60]);
    const text = await register.metrics();
    const models = new Set([...text.matchAll(/model="([^"]+)"/g)].map(([, model]) => model));
    expect(models.size).toBe(51);
    expect(models.has('other')).toBe(true);
    expect(text).not.toContain('run-1');
  });

  it('says how many entries it was not given', async () => {
    const register = new Registry();
    void prometheus({ register }).observe([], { dropped: 12 });
    expect(await register.metrics()).toContain('reprise_observer_dropped_entries_total 12');
  });

  it('refuses what is no registry', () => {
    expect(() => prometheus({} as never)).toThrow('register');
    expect(() => prometheus({ register: new Registry(), labels: [] } as never)).toThrow('labels');
  });
});

function tell(observer: RunObserver, journal: readonly Entry[], runId = 'r'): void {
  const run = { runId, graph: 'research-desk' };
  void observer.observe(
    journal.map((entry): ObservedEntry => ({ run, entry })),
    { dropped: 0 },
  );
}

/** Every model that an answer names is called otherwise. */
function withModel(entry: Entry, model: string): Entry {
  if (entry.kind !== 'effect' || entry.outcome.kind !== 'value') return entry;
  const value = entry.outcome.value as { readonly body?: unknown };
  if (typeof value?.body !== 'string') return entry;
  const body = value.body.replace(/"model":"[^"]+"/g, `"model":"${model}"`);
  return { ...entry, outcome: { kind: 'value', value: { ...value, body } } } as Entry;
}
