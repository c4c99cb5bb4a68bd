import { memoryStore } from '../../src/index.ts';
import type { Run } from '../../src/index.ts';
import { checkFixturePlace, saveRun } from '../../src/record/index.ts';
import { driveRun } from '../project/drive-run.ts';
import { ExportedReplay } from '../project/exported-replay.ts';
import { redactOf } from '../project/redact-of.ts';
import { engineOf } from '../project/engine-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { tellMayNotReplay } from '../terminal/may-not-replay.ts';
import { tellUnmatched } from '../terminal/unmatched-paths.ts';
import { readInput } from '../terminal/read-input.ts';
import { reportEnd } from '../terminal/report-run.ts';
import { shellWord } from '../terminal/shell-word.ts';
import type { CliCommand, CommandContext } from './command.ts';
import {
  forceOutOption,
  graphArgument,
  inputOption,
  lateAnswersOption,
  noObservedOption,
  outOption,
  runIdOption,
  seedOption,
} from './shared-options.ts';

interface RecordArguments {
  readonly input: string;
  readonly out: string;
  readonly runId?: string;
  readonly seed?: string;
  readonly lateAnswers?: number;
  readonly force?: boolean;
  readonly observed: boolean;
}

export const recordCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Run a graph and write the run to a fixture')
      .description(
        'Run a graph without a store and write the run to a redacted fixture. It is replayed to see that it comes out the same: the nodes run once more, or twice if it does not.',
      )
      .argument(...graphArgument)
      .requiredOption(...inputOption)
      .requiredOption(...outOption)
      .option(...runIdOption)
      .option(...seedOption)
      .option(...lateAnswersOption)
      .option(...forceOutOption)
      .option(...noObservedOption)
      .addHelpText(
        'after',
        '\nExample:\n  $ npx reprise record src/desk.ts#desk --input @input.json --run-id desk-1 --out fixtures/',
      ),
  run: record,
};

async function record(context: CommandContext, name: string, given: RecordArguments): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const input = readInput('--input', given.input, io);
  const graph = await project.loadGraph(name);
  // Checked first, so that no run is lost for want of a place.
  if (given.force !== true) checkFixturePlace(given.out, graph.name, given.runId);
  const store = memoryStore();
  const { lateAnswers: lateAnswersMs } = given;
  const waits = lateAnswersMs === undefined ? {} : { lateAnswersMs };
  await using engine = engineOf(graph, store, project.config, waits);
  const run = await driveRun(engine, `recording ${graph.name}`, io, () =>
    engine.run(input, {
      ...(given.runId === undefined ? {} : { runId: given.runId }),
      ...(given.seed === undefined ? {} : { seed: given.seed }),
    }),
  );
  if (run.status === 'interrupted') {
    io.writeTalk('reprise: interrupted; no fixture was written\n');
    return 130;
  }
  if (run.status === 'paused' && run.steps === 0) {
    io.writeTalk(`reprise: run ${run.id} is paused in its first step; no fixture was written: it would hold nothing\n`);
    tellPaused(run, name, given, io);
    return 1;
  }
  const { force = false, observed } = given;
  const exporting = { force, observed, ...redactOf(project.config) };
  const saved = await saveRun(store, run.id, given.out, exporting, 'record');
  const path = project.shorten(saved.path);
  io.writeOut(`${path}: run ${run.id}, ${run.status}\n`);
  tellUnmatched(saved.unmatchedPaths, 'this run', io);
  const replays = new ExportedReplay(project, graph, name);
  const verdict = await replays.verdict(saved.path, graph.name);
  if (verdict !== 'replays') {
    tellMayNotReplay(saved.mayNotReplay, path, io);
    const times = replays.count === 1 ? 'once more' : `${replays.count} more times`;
    io.writeTalk(
      `${verdict}\n  to see that, the nodes ran ${times}, without network: what they write to files or to a database in this process was written again\n`,
    );
    io.writeTalk(replays.nextStep(path));
  }
  const code = reportEnd(run, `npx reprise show ${shellWord(path)}`, io, { isVerified: verdict === 'replays' });
  if (run.status === 'paused') tellPaused(run, name, given, io);
  return code;
}

/** A run without a store ends with its process. */
function tellPaused(run: Run<unknown>, graph: string, { input, out }: RecordArguments, io: CliIo): void {
  const [of, into] = [shellWord(graph), shellWord(out)];
  const named = shellWord(run.id);
  if (run.steps > 0)
    io.writeTalk(`reprise: run ${run.id} is paused after step ${run.steps}; the fixture holds it up to there\n`);
  io.writeTalk(
    '  next: record it with a store, which keeps it while it waits:\n' +
      `        npx reprise run ${of} --input ${shellWord(input)} --run-id ${named} --store runs.db\n` +
      '        answer as it says, and when it is done:\n' +
      `        npx reprise export ${named} --store runs.db --out ${into}\n`,
  );
}
