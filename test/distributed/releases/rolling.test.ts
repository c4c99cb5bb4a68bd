// Two releases as they are published, installed side by side over one database, and rolled forward and back under load while
// workers are killed: no run is lost or stuck, and the earlier release leaves what it does not know to the later one.
//   By default the last release is this tree, and the next one is made of it. With REPRISE_LAST_RELEASE, the path of a tarball, that
//   is the last one, and this tree the next.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder } from '../../support/folder.ts';
import { root } from '../../support/cli.ts';
import { skipReason, startServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { installed, nextRelease, packed } from './package.ts';
import { effectCount, endState } from './rolled.ts';
import type { DeskAnswer, DeskCall, DeskCalls } from './rolled.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
/** How often the releases go forward and back. */
const rounds = Number(process.env.REPRISE_ROUNDS ?? (isLong ? 12 : 1));
/** So many are begun by each release before each stage, and as many at it. */
const runsPerStage = isLong ? 5 : 2;
const given = process.env.REPRISE_LAST_RELEASE;
const why = skipReason();

type ReleaseName = 'last' | 'next';

/** What happens to a worker when the other release takes its place. */
interface Stage {
  readonly workers: readonly [ReleaseName, ReleaseName];
  readonly by: 'SIGTERM' | 'SIGKILL';
}

const stages: readonly Stage[] = [
  { workers: ['last', 'last'], by: 'SIGTERM' },
  { workers: ['next', 'last'], by: 'SIGTERM' },
  { workers: ['next', 'next'], by: 'SIGKILL' },
  { workers: ['next', 'last'], by: 'SIGTERM' },
  { workers: ['last', 'last'], by: 'SIGKILL' },
  { workers: ['last', 'next'], by: 'SIGKILL' },
  { workers: ['next', 'next'], by: 'SIGTERM' },
];

/** A process that asks for what a person asks for, through the engine of one release. */
class Desk {
  readonly #process: ChildProcess;
  readonly #open = new Map<number, (answer: DeskAnswer) => void>();
  #count = 0;

  constructor(process_: ChildProcess) {
    this.#process = process_;
    process_.on('message', (answer: DeskAnswer | 'up') => {
      if (answer !== 'up') this.#open.get(answer.id)?.(answer);
    });
  }

  /** Rejects with an error that has the code of the desk's. */
  async ask<Call extends keyof DeskCalls>(
    call: Call,
    ...those: DeskCall['given']
  ): Promise<Awaited<ReturnType<DeskCalls[Call]>>> {
    const id = this.#count++;
    const answered = new Promise<DeskAnswer>((answer) => this.#open.set(id, answer));
    this.#process.send({ id, call, given: those } satisfies DeskCall);
    const { value, thrown } = await answered;
    this.#open.delete(id);
    if (thrown !== undefined) throw Object.assign(new Error(thrown[1]), { code: thrown[0] });
    return value as Awaited<ReturnType<DeskCalls[Call]>>;
  }
}

describe.skipIf(why !== undefined)('two releases on one database', () => {
  const home = sharedFolder();
  const log = join(home, 'performed.txt');
  const errors = join(home, 'errors.txt');
  const processes: ChildProcess[] = [];
  const programs = {} as Record<ReleaseName, string>;
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    const own = packed(root, home);
    const program = join(import.meta.dirname, 'rolled.ts');
    programs.last = installed(given === undefined ? own : resolve(given), join(home, 'last'), program);
    programs.next = installed(given === undefined ? packed(nextRelease(home), home) : own, join(home, 'next'), program);
  });
  afterAll(async () => {
    for (const each of processes) each.kill('SIGKILL');
    await server.remove();
  });

  async function start(role: 'worker' | 'desk', release: ReleaseName): Promise<ChildProcess> {
    const args = ['--no-warnings', programs[release], role, release, server.url, log, errors];
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    processes.push(started);
    await once(started, 'message');
    return started;
  }

  const told = (): readonly (readonly [release: string, code: string, runId: string, message: string])[] =>
    existsSync(errors)
      ? readFileSync(errors, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];

  it('lose no run and leave none behind, rolled forward and back', {
    timeout: isLong ? 3_600_000 : 180_000,
  }, async () => {
    const desks = { last: new Desk(await start('desk', 'last')) } as Record<ReleaseName, Desk>;
    const begunBy = new Map<string, ReleaseName>();
    const ended = new Map<string, Promise<void>>();
    let turn = 0;
    /** What was begun by the next release, and by rules of its own, the last one refuses; the next one does all of it. */
    const ask = async (call: 'pay' | 'answer', runId: string): Promise<void> => {
      const asked: ReleaseName = desks.next !== undefined && turn++ % 2 === 0 ? 'next' : 'last';
      try {
        await desks[asked].ask(call, runId);
      } catch (thrown) {
        const { code } = thrown as { readonly code?: string };
        if (['run-ended', 'question-answered', 'question-unknown'].includes(code ?? '')) return;
        expect([asked, begunBy.get(runId), code]).toEqual(['last', 'next', 'store-version-unknown']);
        await desks.next.ask(call, runId);
      }
    };
    const accompany = async (runId: string): Promise<void> => {
      await ask('pay', runId);
      for (;;) {
        const status = await desks.last.ask('status', runId);
        if (status === 'done' || status === 'failed' || status === 'cancelled') return;
        if (status !== 'queued') await ask('answer', runId);
        await pause(100);
      }
    };
    const begin = async (release: ReleaseName): Promise<string> => {
      const runId = `run-${begunBy.size}`;
      begunBy.set(runId, release);
      await desks[release].ask('enqueue', runId);
      ended.set(runId, accompany(runId));
      return runId;
    };
    /** By each release that there is. */
    const beginSome = async (): Promise<readonly (readonly [runId: string, release: ReleaseName])[]> => {
      const begun: (readonly [string, ReleaseName])[] = [];
      for (let count = 0; count < runsPerStage; count += 1)
        for (const release of ['last', 'next'] as const)
          if (desks[release] !== undefined) begun.push([await begin(release), release]);
      return begun;
    };
    const workers: { readonly release: ReleaseName; readonly process: ChildProcess }[] = [];
    let refusedCount = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const stage of stages) {
        // These are under way when the stage comes, and some of the others when the next one does.
        await beginSome();
        for (const [place, release] of stage.workers.entries()) {
          const before = workers[place];
          if (before?.release === release) continue;
          before?.process.kill(stage.by);
          workers[place] = { release, process: await start('worker', release) };
          if (before !== undefined && before.process.exitCode === null && before.process.signalCode === null)
            await once(before.process, 'exit');
          // The first process of the next release brings the tables up to date, while runs are driven.
          if (release === 'next') desks.next ??= new Desk(await start('desk', 'next'));
        }
        const begun = await beginSome();
        const isBack = desks.next !== undefined && stage.workers.every((release) => release === 'last');
        await Promise.all(
          begun.flatMap(([runId, release]) => (isBack && release === 'next' ? [] : [ended.get(runId)])),
        );
        if (!isBack || given !== undefined) continue;
        // Nobody is there who could drive them.
        for (const [runId, release] of begun) {
          if (release === 'last') continue;
          await expect.poll(() => told().some(([by, , of]) => by === 'last' && of === runId)).toBe(true);
          await expect.poll(() => desks.last.ask('status', runId)).toBe('queued');
          refusedCount += 1;
        }
      }
    }
    await Promise.all(ended.values());

    const performed = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    for (const [runId, release] of begunBy) {
      const desk = desks.next;
      expect([runId, await desk.ask('status', runId)]).toEqual([runId, 'done']);
      expect([runId, await desk.ask('state', runId)]).toEqual([runId, { name: runId, ...endState }]);
      checkEntries(runId, await desk.ask('entries', runId));
      const own = new Set(performed.filter((line) => line.startsWith(`${runId} `)));
      expect([runId, own.size]).toEqual([runId, effectCount]);
      expect([runId, await desk.ask('verdict', runId, join(home, `${runId}.run.jsonl`))]).toEqual([runId, 'same']);
      if (given !== undefined) continue;
      const readByLast = desks.last.ask('entries', runId);
      if (release === 'last') await readByLast;
      else await expect(readByLast).rejects.toMatchObject({ code: 'store-version-unknown' });
    }
    if (given === undefined) {
      expect(refusedCount).toBe(rounds * runsPerStage);
      // Nothing else was wrong with any run, in either release.
      const others = told().filter(
        ([by, code, runId]) =>
          !(by === 'last' && code === 'store-version-unknown' && begunBy.get(errandless(runId)) === 'next'),
      );
      expect(others).toEqual([]);
    }
    console.log(
      `${begunBy.size} runs of two releases: ${performed.length - new Set(performed).size} of ${performed.length} effects performed again`,
    );
  });
});

/** The run that a task on a worker belongs to, or the run itself. */
function errandless(runId: string): string {
  return /run-\d+/.exec(runId)?.[0] ?? runId;
}

/** Each thing is there once, in order. */
function checkEntries(runId: string, entries: readonly (readonly [kind: string, at: string])[]): void {
  const of = (wanted: string): readonly string[] => entries.flatMap(([kind, at]) => (kind === wanted ? [at] : []));
  expect([runId, of('run').length, of('end').length, entries.at(-1)?.[0]]).toEqual([runId, 1, 1, 'end']);
  for (const kind of ['commit', 'outcome'])
    expect([runId, kind, new Set(of(kind)).size]).toEqual([runId, kind, of(kind).length]);
}
