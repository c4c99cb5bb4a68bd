// How many runs the explorer makes in a second of one processor, scaled by how many steps that do nothing the same machine
// takes in memory just before and just after.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { append, createEngine, fields, graph, input, memoryStore, sum } from '../../src/index.ts';
import { explore } from '../../src/explore/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { listeningAt } from '../finder/loopback.ts';
import { untilFound } from './until-found.ts';

const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-explore-'));

/** Two tasks around a fan-out, and an effect in each of its tasks. What they share keeps a proof from ending the search. */
function fanOut(tasks: number): AnyGraph {
  let calls = 0;
  return graph('fan-out', {
    state: fields({ found: append<number>(), tokens: sum() }),
    inputs: { work: input<{ id: number }>() },
  })
    .node('plan', (_state, { send }) => ({
      route: Array.from({ length: tasks - 2 }, (_, id) => send('work', { id })),
    }))
    .node('work', async (_state, { input: { id }, effect }) => {
      calls += 1;
      return { delta: { found: [await effect('model', { id }, async () => id * 2)], tokens: 1 } };
    })
    .node('end', () => (calls < 0 ? { delta: { tokens: 1 } } : {}))
    .edge('work', 'end')
    .start('plan')
    .build();
}

async function recorded(given: AnyGraph, name: string): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(given, { store, effects: [httpEffects()] });
  await engine.run({} as never, { runId: name });
  return exportRunTo(store, name, join(folder, `${name}.run.jsonl`));
}

/** Of one processor, in which `work` did so many things. */
async function perSecond(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(before);
  return (count / (user + system)) * 1e6;
}

/** Medians of several rounds: the speed of a shared machine changes from one second to the next. */
async function measured(title: string, work: () => Promise<number>): Promise<void> {
  const rounds: { readonly runs: number; readonly trivial: number }[] = [];
  await perSecond(work);
  for (let round = 0; round < roundCount; round += 1) {
    const before = await perSecond(trivialSteps);
    const runs = await perSecond(work);
    rounds.push({ runs, trivial: (before + (await perSecond(trivialSteps))) / 2 });
  }
  const runs = Math.round(median(rounds.map((round) => round.runs)));
  const scaled = rounds.map((round) => (round.runs * 250_000) / round.trivial).sort((left, right) => left - right);
  const range = `${Math.round(scaled[0] as number)} to ${Math.round(scaled.at(-1) as number)}`;
  console.log(
    `${title}: ${runs} runs a second of one processor; ${Math.round(median(scaled))} (${range}) where steps are 250,000`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] as number;
}

const roundCount = Number(process.env.REPRISE_BENCH_ROUNDS ?? 3);
const steps = 40_000;
const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .edge('increase', 'increase', { when: ({ count }) => count < steps })
  .start('increase')
  .build();

async function trivialSteps(): Promise<number> {
  await using engine = createEngine(counter);
  await engine.run({});
  return steps;
}

const streamed = readFileSync(
  new URL('../../fixtures/provider-streams/openai-chat-text.chunks.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .slice(0, 20);

/** Nodes that read streams of a provider through its client, which they share. The count keeps a proof away. */
async function streams(): Promise<AnyGraph> {
  let asked = 0;
  const url = await listeningAt((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of streamed) response.write(`data: ${chunk}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });
  const client = new OpenAI({ apiKey: 'none', baseURL: url });
  return graph('streams', { state: fields({ said: append<string>() }), inputs: { ask: input<{ id: number }>() } })
    .node('plan', (_state, { send }) => ({ route: [1, 2, 3, 4, 5, 6].map((id) => send('ask', { id })) }))
    .node('ask', async (_state, { input: { id } }) => {
      const messages = [{ role: 'user' as const, content: `question ${id}` }];
      asked += 1;
      let said = asked < 0 ? 'never' : '';
      for await (const { choices } of await client.chat.completions.create({ model: 'm', messages, stream: true }))
        said += choices[0]?.delta.content ?? '';
      return { delta: { said: [said] } };
    })
    .start('plan')
    .build();
}

async function streamRuns(given: AnyGraph, fixture: string): Promise<number> {
  const report = await explore(given, fixture, { schedules: 300 });
  if (report.verdict !== 'no difference') throw new Error(`it was ${report.verdict}`);
  return report.schedules;
}

/** In how many runs the process died, and another one with variables of its own resumed. */
async function crashRuns(_given: AnyGraph, fixture: string): Promise<number> {
  const report = await explore(() => fanOut(20), fixture, { schedules: 3, crashes: true });
  const rung = report.rungs.find(({ name }) => name === 'crashes');
  if (rung?.name !== 'crashes' || 'skipped' in rung) throw new Error(`it was ${report.verdict}`);
  const { beforeWrites, afterWrites, requests, twice } = rung.tried;
  return beforeWrites + afterWrites + requests + twice;
}

try {
  for (const [tasks, schedules] of [
    [20, 3_000],
    // As many as `reprise check` tries by default.
    [200, 500],
  ] as const) {
    const given = fanOut(tasks);
    const fixture = await recorded(given, `tasks-${tasks}`);
    const work = async (): Promise<number> => {
      const report = await explore(given, fixture, { schedules });
      if (report.verdict !== 'no difference') throw new Error(`it was ${report.verdict}`);
      return report.schedules;
    };
    await measured(`${tasks} tasks`, work);
  }
  for (const [title, given, runs] of [
    ['six streams of a provider', await streams(), streamRuns],
    ['a death and a resume, 20 tasks', fanOut(20), crashRuns],
  ] as const) {
    const fixture = await recorded(given, title.replaceAll(/\W+/g, '-'));
    await measured(title, () => runs(given, fixture));
  }
  await untilFound(recorded);
} finally {
  rmSync(folder, { recursive: true });
}
