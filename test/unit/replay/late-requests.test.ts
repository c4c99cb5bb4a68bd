// A queue that the tasks of a step share makes their requests in the context of one of them, which may have ended by then.
import { AsyncResource } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, last, memoryStore } from 'reprise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { updateFixture } from '../../../src/update/index.ts';
import { sharedFolder } from '../../support/folder.ts';
import { LoopbackServer, bodyOf } from '../../support/loopback-server.ts';

const folder = sharedFolder();

/** One job at a time, each begun where the one before it ended. */
class Queue {
  readonly #jobs: (() => Promise<void>)[] = [];
  #isBusy = false;

  run<Result>(job: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(async () => job().then(resolve, reject));
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) await job();
    this.#isBusy = false;
  }
}

type Bind = <Job extends () => unknown>(job: Job) => Job;
const unbound: Bind = (job) => job;

function looking(url: string, promptOf: (topic: string) => string, bind: Bind = unbound) {
  const queue = new Queue();
  const ask = async (body: string): Promise<string> => (await fetch(`${url}/ask`, { method: 'POST', body })).text();
  return graph('looking', {
    state: fields({ topics: last<string[]>(['tides', 'winds', 'clouds']), found: append<string>() }),
    inputs: { look: input<string>() },
  })
    .node('plan', (state, { send }) => ({ route: state.topics.map((topic) => send('look', topic)) }))
    .node('look', async (_state, { input: topic }) => ({
      delta: { found: [await queue.run(bind(async () => ask(promptOf(topic))))] },
    }))
    .start('plan')
    .build();
}

const asRecorded = (topic: string): string => `Summarise ${topic}`;
const changedFor = (changed: string) => (topic: string) => `${topic === changed ? 'Summarize' : 'Summarise'} ${topic}`;

describe('requests of a queue that tasks share', () => {
  let server: LoopbackServer;
  let fixture: string;
  const asked: string[] = [];
  let count = 0;
  beforeAll(async () => {
    server = await LoopbackServer.start(async (request, response) => {
      const prompt = (await bodyOf(request)).toString();
      asked.push(prompt);
      response.end(`answer to ${prompt}`);
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    const store = memoryStore();
    const engine = createEngine(looking(server.url, asRecorded), { store, effects: [httpEffects()] });
    const run = await engine.run({}, { runId: 'queued' });
    expect(run.notes.map(({ kind }) => kind)).toContain('late-request');
    count += 1;
    fixture = await exportRunTo(store, 'queued', join(folder, `queued-${count}.run.jsonl`));
    await engine.close();
    asked.length = 0;
  });
  const replayed = async (promptOf: (topic: string) => string) =>
    (await replay(looking(server.url, promptOf), fixture)).report;

  it('are answered, and named where they are not those that were recorded', async () => {
    expect(await replayed(asRecorded)).toMatchObject({ verdict: 'same', late: 1 });
    const changed = await replayed(changedFor('clouds'));
    expect(changed.verdict).toBe('diverged');
    expect(changed.divergences[0]).toMatchObject({
      kind: 'request',
      at: '2.0#1',
      step: 2,
      node: 'look',
      path: 'request.body',
      recorded: 'Summarise clouds',
      replayed: 'Summarize clouds',
    });
    expect(changed.roots.map(({ place }) => place)).toEqual([0]);
    expect(changed.divergences.slice(1).map(({ follows }) => follows)).toEqual([0, 1]);
    expect(asked).toEqual([]);
  });

  it('are of their own tasks where each job is bound to its own', async () => {
    const bind: Bind = (job) => AsyncResource.bind(job);
    const store = memoryStore();
    const engine = createEngine(looking(server.url, asRecorded, bind), { store, effects: [httpEffects()] });
    const run = await engine.run({}, { runId: 'bound' });
    expect(run.notes).toEqual([]);
    const bound = await exportRunTo(store, 'bound', join(folder, 'bound.run.jsonl'));
    await engine.close();
    const { report } = await replay(looking(server.url, changedFor('clouds'), bind), bound);
    expect(report.late).toBeUndefined();
    expect(report.divergences[0]).toMatchObject({ kind: 'request', at: '2.2#1', replayed: 'Summarize clouds' });
  });

  it.each(['tides', 'winds', 'clouds'])('are made by an update where that of %s is changed', async (topic) => {
    const again = () => looking(server.url, changedFor(topic));
    const before = await readFile(fixture, 'utf8');
    const refused = await updateFixture(again, fixture);
    expect(refused).toMatchObject({ verdict: 'refused', why: 'not recorded', missing: [{ about: 'POST /ask' }] });
    expect(await readFile(fixture, 'utf8')).toBe(before);
    expect(asked).toEqual([]);
    const updated = await updateFixture(again, fixture, { live: true });
    expect(asked).toEqual([`Summarize ${topic}`]);
    expect(updated).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
    expect(updated.changes.filter(({ kind }) => kind === 'performed')).toMatchObject([{ about: 'POST /ask' }]);
    expect((await replayed(changedFor(topic))).verdict).toBe('same');
    expect(asked).toHaveLength(1);
  });
});
