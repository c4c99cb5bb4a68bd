// Explores fixtures, or shares of one, in processes of their own, side by side. What each of them tries depends on its
// share alone, and what is said on no timing.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { RepriseError } from '../../../src/index.ts';
import type { ExploreOptions, ExploreReport } from '../../../src/explore/index.ts';
import type { CliIo } from '../../terminal/io.ts';
import type { Progress } from '../../terminal/progress.ts';
import type { CheckArguments } from './check-arguments.ts';
import { fine } from './check-told.ts';
import type { CheckFault, Told } from './check-told.ts';

export interface CheckPlan {
  readonly paths: readonly string[];
  readonly workers: number;
}

export interface Telling {
  readonly progress: Progress;
  readonly told: Told;
}

/** What one process says, as JSON. */
interface Said {
  readonly reports: readonly ExploreReport[];
  readonly faults: readonly CheckFault[];
  /** What it has written besides. */
  readonly talk: string;
}

/** Several fixtures are shared out; of a single one, the drawn orders. */
export async function checkInWorkers(
  io: CliIo,
  { paths, workers }: CheckPlan,
  given: CheckArguments,
  { progress, told }: Telling,
): Promise<void> {
  const [first = ''] = paths;
  const works =
    paths.length > 1
      ? paths.map((path) => [path, ...argumentsOf(given, given.shard)])
      : Array.from({ length: workers }, (_, place) => [
          first,
          ...argumentsOf(given, share(given.shard, place, workers)),
        ]);
  const children = new Set<ChildProcess>();
  let isStopped = false;
  const stopListening = io.onInterrupt(() => {
    isStopped = true;
    for (const child of children) child.kill('SIGINT');
  });
  let [next, done] = [0, 0];
  const said = works.map(() => Promise.withResolvers<Said | undefined>());
  // The first that fails is told; those behind it are not waited for.
  for (const { promise } of said) promise.catch(() => undefined);
  const work = async (): Promise<void> => {
    for (let place = next++; place < works.length; place = next++) {
      const one = said[place] as (typeof said)[number];
      const ended = isStopped ? undefined : saidBy(io, works[place] as string[], children);
      await Promise.resolve(ended).then(one.resolve, one.reject);
      done += 1;
      progress.note(`${done} of ${works.length} done`);
    }
  };
  try {
    progress.note(`${works.length} ${paths.length > 1 ? 'fixtures' : 'shares of a fixture'}`);
    const working = Promise.all(Array.from({ length: Math.min(workers, works.length) }, work));
    const each = paths.length > 1 ? said.map(({ promise }) => promise) : [wholeOf(said.map(({ promise }) => promise))];
    for (const one of each) tell(await one, { progress, told });
    await working;
  } finally {
    stopListening();
    for (const child of children) child.kill();
  }
  if (isStopped) told.interrupted();
}

/** In the order of the fixtures. */
function tell(said: Said | undefined, { progress, told }: Telling): void {
  progress.clear();
  for (const report of said?.reports ?? []) told.report(report);
  for (const fault of said?.faults ?? []) told.fault(fault, said?.talk.trim().replace(/^reprise: /, '') ?? '');
}

function share(
  { index, count }: NonNullable<ExploreOptions['shard']> = { index: 0, count: 1 },
  place: number,
  workers: number,
): NonNullable<ExploreOptions['shard']> {
  return { index: index * workers + place, count: count * workers };
}

function argumentsOf(
  { graph, schedules, time, seed, from, crashes, faults, save }: CheckArguments,
  shard: ExploreOptions['shard'],
): readonly string[] {
  const named = {
    graph,
    schedules,
    time,
    seed,
    from,
    faults,
    ...(shard === undefined ? {} : { shard: `${shard.index + 1}/${shard.count}` }),
    ...(typeof crashes === 'number' ? { crashes } : {}),
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return [
    ...given.map(([name, value]) => `--${name}=${value}`),
    ...(crashes === true ? ['--crashes'] : []),
    ...(save === true ? ['--save'] : []),
  ];
}

async function saidBy(io: CliIo, args: readonly string[], children: Set<ChildProcess>): Promise<Said> {
  const command = [...process.execArgv, io.program ?? '', 'check', ...args, '--json', '--workers=1'];
  const child = spawn(process.execPath, command, { cwd: io.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  try {
    const ended = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
    const [out, talk] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { ...parsed(out, talk), talk };
  } finally {
    children.delete(child);
  }
}

/** A process that says nothing has failed as a whole. */
function parsed(out: string, talk: string): Pick<Said, 'reports' | 'faults'> {
  try {
    return JSON.parse(out) as Pick<Said, 'reports' | 'faults'>;
  } catch {
    throw new RepriseError('usage', `a process that explores has ended: ${talk.trim().replace(/^reprise: /, '')}`, {
      nextStep: 'Run it with `--workers 1` to see more.',
    });
  }
}

/** The shares of one fixture as one report: what the first of them has found, or what all of them have tried. */
async function wholeOf(shares: readonly Promise<Said | undefined>[]): Promise<Said | undefined> {
  const said = (await Promise.all(shares)).filter((each) => each !== undefined);
  const [first] = said;
  const reports = said.flatMap((each) => each.reports);
  const [report] = reports;
  if (first === undefined || report === undefined) return first;
  const found = reports.find(({ verdict }) => !fine.has(verdict));
  return { ...first, reports: [found ?? { ...report, ...sumOf(reports, report) }] };
}

function sumOf(
  reports: readonly ExploreReport[],
  { rungs }: ExploreReport,
): Pick<ExploreReport, 'schedules' | 'rungs'> {
  const searches = reports.flatMap((report) =>
    report.rungs.flatMap((rung) => (rung.name === 'search' && !('skipped' in rung) ? [rung] : [])),
  );
  const search = {
    name: 'search',
    schedules: searches.reduce((sum, { schedules }) => sum + schedules, 0),
    // From where on no share has tried an order.
    next: Math.min(...searches.map(({ next }) => next)),
  } as const;
  return {
    schedules: reports.reduce((sum, { schedules }) => sum + schedules, 0),
    rungs: rungs.map((rung) => (rung.name === 'search' && searches.length > 0 ? search : rung)),
  };
}
