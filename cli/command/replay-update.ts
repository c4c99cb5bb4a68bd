// `reprise replay --update`: accepts what the code does now.
import { RepriseError, explainError } from '../../src/index.ts';
import { installPlaceholders, sealProcess } from '../../src/replay/index.ts';
import { jsonOf, replayText, updateSummary, updateSummaryText, updateText } from '../../src/report/index.ts';
import { updateFixture } from '../../src/update/index.ts';
import type { Updated } from '../../src/update/index.ts';
import { comparisonIn } from '../project/engine-of.ts';
import { graphOfFixture } from '../project/graph-of-fixture.ts';
import { redactOf } from '../project/redact-of.ts';
import type { Project } from '../project/project.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { startProgress } from '../terminal/progress.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';

export interface UpdateArguments {
  readonly graph?: string;
  readonly live?: boolean;
  readonly sendMarks?: boolean;
  readonly json?: boolean;
}

type Made = Omit<Updated<unknown>, 'run'>;

export async function updateAll(
  named: readonly string[],
  given: UpdateArguments,
  openProject: () => Promise<Project>,
  io: CliIo,
): Promise<ExitCode> {
  // Live, the outside is to be asked, and what asks it may live outside of nodes: a pool, an agent.
  using _sealed = given.live === true ? undefined : sealProcess();
  const project = await openProject();
  const paths = project.fixturePaths(named);
  if (given.live !== true) installPlaceholders(project.config.env);
  const progress = startProgress(io, 'updating');
  const made: Made[] = [];
  const faults: { readonly fixture: string; readonly code: string; readonly message: string }[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      const fixture = project.shorten(path);
      progress.note(`${index + 1} of ${paths.length}, ${fixture}`);
      try {
        const update = await updateOne(path, given, project);
        made.push(update);
        progress.clear();
        if (given.json !== true) io.writeOut(textOf(update, given));
      } catch (thrown) {
        progress.clear();
        if (!(thrown instanceof RepriseError)) throw thrown;
        faults.push({ fixture, code: thrown.code, message: thrown.message });
        io.writeTalk(`reprise: ${thrown.message.includes(fixture) ? '' : `${fixture}: `}${explainError(thrown)}\n`);
      }
    }
  } finally {
    progress.done();
  }
  const summary = updateSummary(made);
  if (given.json === true) io.writeOut(`${jsonOf({ version: 1, summary, updates: made.map(shown), faults })}\n`);
  else if (made.length > 0) io.writeOut(updateSummaryText(summary));
  if (faults.length > 0) return 2;
  return summary.refused === 0 ? 0 : 1;
}

async function updateOne(path: string, given: UpdateArguments, project: Project): Promise<Made> {
  const graph = await graphOfFixture(path, given.graph, project);
  const live = given.live === true;
  const { run: _run, ...update } = await updateFixture(graph, path, {
    live,
    sendMarks: given.sendMarks === true,
    ...redactOf(project.config),
    ...comparisonIn(project.config),
  });
  const fixture = project.shorten(path);
  return { ...update, fixture, report: { ...update.report, fixture } };
}

/** A report is of interest where it says what is in the way. */
function shown({ report, ...update }: Made): object {
  return update.verdict === 'refused' ? { ...update, report } : update;
}

/** What to see to before the next command. */
const hints: ReadonlyMap<Made['why'], string> = new Map([
  ['failed live', '  set the keys that your clients need, and see that the provider answers\n'],
  ['redacted', '  record the run again, or send the marks if nobody is hurt by them, as where a model is asked\n'],
]);

function textOf(update: Made, given: UpdateArguments): string {
  if (update.verdict !== 'refused') return updateText(update);
  // What came of a provider that is down says nothing of the code.
  const { report, why } = update;
  const seen =
    why === 'failed live' || why === 'redacted'
      ? ''
      : replayText(report, undefined, undefined, { graph: given.graph, isRefused: true });
  const hint = hints.get(why) ?? '';
  return `${seen}${updateText(update)}${hint}  next: ${nextOf(update, given)}\n`;
}

function nextOf({ fixture, why }: Made, { graph, live }: UpdateArguments): string {
  const command = `npx reprise replay ${shellWord(fixture)}${shellOption('--graph', graph)} --update`;
  if (why === 'does not replay')
    return 'make the run depend on what is recorded only; the file would not replay as it would be written';
  if (why === 'failed live') return `${command} --live`;
  if (why === 'redacted') return `${command} --live --send-marks`;
  if (why === 'rule unknown')
    return 'give `redact.values` of the config the rule by which the fixture was redacted; what is new would not be';
  if (why === 'nobody is asked') return 'record the run again: an update asks nobody, and waits for no signal';
  if (why === 'stalled')
    return 'see what the node waits for: something beside the recording answers it (a mock, an event), or it waits for ever';
  if (why === 'limit reached') return 'see that the run comes to an end: it reached the limit of its steps';
  if (live === true) return 'wrap what is not recorded in `context.effect`, or record the run again';
  return `${command} --live`;
}
