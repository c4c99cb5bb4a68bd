import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import {
  RepriseError,
  abandonedRunsOf,
  awaitedSignalsOf,
  effectsInDoubtOf,
  openQuestionsOf,
} from '../../../src/index.ts';
import type { RunStore, RunSummary, Value } from '../../../src/index.ts';
import type { Entry } from '../../../src/observe/index.ts';
import type { OpenRun } from '../../../src/replay/index.ts';
import {
  RunTeller,
  TakeoverText,
  addressesLike,
  atPath,
  bounded,
  doubtText,
  effectAddresses,
  isInnerStepKey,
  jsonOf,
  pieceAt,
  plainLines,
  signalsText,
  timeText,
  valueText,
  withUncounted,
} from '../../../src/report/index.ts';
import type { StepKey } from '../../../src/report/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { decideLines } from '../../terminal/words/decide-lines.ts';
import { htmlOption, pageRunOf, wholeRun, writePage } from '../../project/fixture/page.ts';
import type { CliIo, ExitCode } from '../../terminal/io.ts';
import { Project } from '../../project/project.ts';
import type { Stranding } from '../../project/store/stranded-runs.ts';
import { waitsOf } from '../../project/store/stored-run.ts';
import { leftAloneText, strandingOf } from '../../project/store/stranded-runs.ts';
import { sendCommand } from '../../terminal/words/send-command.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { rawOption, runArgument, storeOption } from '../shared-options.ts';

interface ShowArguments {
  readonly store?: string;
  readonly step?: ShownStep;
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly html?: string;
  readonly full?: boolean;
  readonly plain?: boolean;
  readonly from?: number;
}

/** `inner`: the key of the step of an inner run, in that step of the run. */
interface ShownStep {
  readonly number: number;
  readonly inner?: StepKey;
}

function stepOption(text: string): ShownStep {
  return isInnerStepKey(text) ? { number: Number.parseInt(text, 10), inner: text } : { number: wholeNumber(text) };
}

export const showCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Show what happened in a run, step by step')
      .description('Show what happened in a run, step by step. No code is run.')
      .argument(...runArgument)
      .argument('[address]', 'Only this part: a step, task, attempt or effect, such as 2.0#1')
      .argument('[path]', 'Only what lies there in it, such as response.body')
      .option(...storeOption)
      .option('--step <n>', 'Only this step, with the whole state after it; an inner step by its key', stepOption)
      .option('--json', 'Print the journal entries as JSON, one per line')
      .option('--full', 'Print the whole of a part, however long it is')
      .option('--from <n>', 'Begin a long text at this character', wholeNumber)
      .option('--plain', "Print what is compared as lines of text: git's textconv")
      .option(...htmlOption)
      .option(...rawOption)
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise show desk-1\n  $ npx reprise show fixtures/desk/desk-1.run.jsonl --step 2\n  $ npx reprise show desk-1 --step 3.0#1/2\n  $ npx reprise show desk-1 2.0#1 delta --json',
      ),
  run: show,
};

async function show(
  context: CommandContext,
  name: string,
  address: string | undefined,
  path: string | undefined,
  given: ShowArguments,
): Promise<ExitCode> {
  const { io } = context;
  if (given.plain === true) return await showPlain(name, given, io);
  const project = await context.openProject();
  const opened = await project.openRun(name, project.storePath(given.store), given.raw === true ? 'raw' : 'redacted');
  try {
    if (address !== undefined) {
      await showPiece(opened, { name, address, path }, given, io);
      return 0;
    }
    if (given.html !== undefined) {
      const waitsFor = await waitsIn(project.storePath(given.store), opened.summary);
      writePage(given.html, { version: 1, title: name, runs: [await pageRunOf(opened, name, { waitsFor })] }, io.cwd);
      io.writeTalk(`written: ${given.html}\n`);
      return 0;
    }
    if ((await showSteps(opened, given, io)) === 0) throw nothingShown(name, given.step?.inner ?? given.step?.number);
  } finally {
    opened.close();
  }
  if (given.step !== undefined || given.json === true) return 0;
  if (opened.summary !== undefined) await showOpenRun(opened.summary, project.storePath(given.store), given.store, io);
  return 0;
}

/**
 * What git diffs in place of the file. It loads no config, which a checkout may not have, and prints a file that is not a
 * fixture as it is: git stops where this fails.
 */
async function showPlain(name: string, given: ShowArguments, io: CliIo): Promise<ExitCode> {
  const project = new Project(io.cwd, { folder: io.cwd, path: undefined });
  try {
    const opened = await project.openRun(name, project.storePath(given.store), given.raw === true ? 'raw' : 'redacted');
    try {
      for await (const { entries } of opened.steps) io.writeOut(`${plainLines(entries).join('\n')}\n`);
      return 0;
    } finally {
      opened.close();
    }
  } catch (thrown) {
    const isFixture = thrown instanceof RepriseError && thrown.code.startsWith('fixture-');
    if (!isFixture || thrown.code === 'fixture-unreadable') throw thrown;
    io.writeTalk(`reprise: ${thrown.message}; it is shown as it is\n`);
    for await (const text of createReadStream(resolve(io.cwd, name), 'utf8')) io.writeOut(text as string);
    return 0;
  }
}

const pieceLengthMax = 7_000;
const reasonLengthMax = 200;

/** Prints one part of the run, and where the rest of it is. */
async function showPiece(
  opened: OpenRun,
  { name, address, path }: { readonly name: string; readonly address: string; readonly path: string | undefined },
  given: ShowArguments,
  io: CliIo,
): Promise<void> {
  const run = await pageRunOf(opened, name, wholeRun);
  const piece = pieceAt(run, address);
  const found = piece === undefined || path === undefined ? piece : atPath(piece, path);
  const like = piece === undefined ? addressesLike(run, address) : [];
  if (like.length > 0) {
    const commands = like.slice(0, 5).map((each) => `npx reprise show ${shellWord(name)} ${shellWord(each)}`);
    throw new RepriseError('usage', `run ${name} has ${like.length} effects at ${address}`, {
      nextStep: `Name one: ${commands.join(', or ')}`,
    });
  }
  if (found === undefined) {
    throw new RepriseError('usage', `run ${name} has no ${[address, path].filter(Boolean).join(' ')}`, {
      nextStep: `See its parts: npx reprise show ${shellWord(name)}${piece === undefined ? '' : ` ${shellWord(address)}`}`,
    });
  }
  const { from = 0 } = given;
  const part = typeof found === 'string' ? found.slice(from) : found;
  const { value, cut } = given.full === true ? { value: part, cut: [] } : bounded(part, pieceLengthMax);
  if (given.json === true) {
    const rest = cut.length === 0 ? {} : { cut };
    const begins = from === 0 ? {} : { from };
    io.writeOut(
      `${JSON.stringify({ version: 1, address, ...(path === undefined ? {} : { path }), ...begins, value, ...rest })}\n`,
    );
    return;
  }
  io.writeOut(`${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}\n`);
  for (const { path: where, length } of cut) io.writeTalk(`  cut: ${where} has ${length} characters\n`);
  if (cut.length > 0)
    io.writeTalk('  next: name a path after the address, begin a long text elsewhere with --from, or add --full\n');
}

async function waitsIn(path: string, summary: RunSummary | undefined): Promise<readonly string[]> {
  if (summary === undefined) return [];
  const store = openStore(path, 'read');
  try {
    return await waitsOf(store, summary);
  } finally {
    await store.close();
  }
}

async function showOpenRun(run: RunSummary, path: string, named: string | undefined, io: CliIo): Promise<void> {
  if (run.status === 'done') return;
  const store = openStore(path, 'read');
  try {
    const isAbandoned =
      run.status === 'running' && (await abandonedRunsOf(store, run.graph)).some(({ runId }) => runId === run.runId);
    const cancel = await store.requestedCancel?.(run.runId);
    showStanding(run, { named, wait: isAbandoned ? 'abandoned' : await waitOf(store, run), cancel }, io);
    if (run.status !== 'running' || isAbandoned) await showOpen(run, store, named, io);
  } finally {
    await store.close();
  }
}

/** Prints which signals a run waits for and what is in doubt in it, and the commands that continue it. */
async function showOpen(run: RunSummary, store: RunStore, named: string | undefined, io: CliIo): Promise<void> {
  const signals = await awaitedSignalsOf(store, run.runId);
  if (signals.length > 0) io.writeOut(`\n${signalsText(run.runId, signals)}`);
  for (const name of signals) io.writeTalk(`  next: ${sendCommand(run.runId, name, named)}\n`);
  const doubts = await effectsInDoubtOf(store, run.runId);
  if (doubts.length > 0) io.writeOut('\nin doubt\n');
  for (const effect of doubts) {
    io.writeOut(doubtText(run.runId, effect));
    if (run.status !== 'cancelled') io.writeTalk(decideLines(run.runId, effect, named));
  }
}

/** Prints the steps that are asked for, and counts them. */
async function showSteps(opened: OpenRun, given: ShowArguments, io: CliIo): Promise<number> {
  const teller = new RunTeller();
  const takeovers = new TakeoverText();
  let shownCount = 0;
  for await (const { step, entries, beside, uncounted = [] } of opened.steps) {
    // The teller folds the state, so it needs the steps before the one that is asked for as well.
    const isAskedFor = given.step?.number === step;
    const inner =
      isAskedFor && given.step.inner !== undefined ? teller.tellInner(entries, given.step.inner) : undefined;
    const lines = inner ?? teller.tell(entries, isAskedFor ? 'full' : 'short', beside, uncounted);
    if (given.step !== undefined && !isAskedFor) continue;
    if (given.step?.inner !== undefined && inner === undefined) return 0;
    shownCount += 1;
    for (const entry of beside) takeovers.add(entry);
    io.writeOut(
      given.json === true
        ? jsonLines(
            step,
            shownEntries(
              [...withUncounted(entries, uncounted), ...beside.filter(({ kind }) => kind === 'note')],
              given.step,
            ),
            new Set(uncounted),
          )
        : `${lines.join('\n').replace(/^\n/, '')}\n`,
    );
    if (isAskedFor) break;
  }
  if (given.json !== true && given.step === undefined) io.writeOut(takeovers.text);
  return shownCount;
}

/** Those of an inner step have its key, or one below it. */
function shownEntries(entries: readonly Entry[], { inner }: Partial<ShownStep> = {}): readonly Entry[] {
  return inner === undefined ? entries : entries.filter(({ at }) => at === inner || at.startsWith(`${inner}.`));
}

/**
 * The entries of a step, one per line, effects with their address. Notes come last. `uncounted`: those that are no part of
 * what is compared.
 */
function jsonLines(step: number, entries: readonly Entry[], uncounted: ReadonlySet<Entry>): string {
  const addresses = effectAddresses(entries);
  const lines = entries.map((entry) => {
    const address = addresses.get(entry);
    const line = {
      version: 1,
      step,
      ...(address === undefined ? {} : { address }),
      ...(uncounted.has(entry) ? { counts: false } : {}),
      ...JSON.parse(jsonOf(entry)),
      // An end says itself which step was committed last, and may stand in the one after that.
      ...(entry.kind === 'end' ? { step, committed: entry.step } : {}),
    };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join('');
}

function nothingShown(name: string, step: StepKey | number | undefined): RepriseError {
  return step === undefined
    ? new RepriseError('usage', `run ${name} has not begun`, {
        nextStep: 'Try again later: nothing has been committed yet.',
      })
    : new RepriseError('usage', `run ${name} has no step ${step}`, {
        nextStep: `See its steps: npx reprise show ${name}`,
      });
}

/** `sent`: nothing is asked any more, and what was sent has not been taken. `time`: nothing is asked or was sent. */
type Wait = 'abandoned' | Stranding | 'sent' | 'time' | undefined;

async function waitOf(store: RunStore, { runId, status }: RunSummary): Promise<Wait> {
  const stranding = await strandingOf(store, runId);
  if (stranding !== undefined) return stranding;
  if (status !== 'paused' || (await openQuestionsOf(store, runId)).length > 0) return undefined;
  return (await store.inbox(runId)).messages.length > 0 ? 'sent' : 'time';
}

interface Standing {
  readonly named: string | undefined;
  readonly wait: Wait;
  /** A cancel that no process has carried out yet. */
  readonly cancel: { readonly reason: Value } | undefined;
}

/** Prints the status of a run that has not ended, and the command that continues it. */
function showStanding(run: RunSummary, { named, wait, cancel }: Standing, io: CliIo): void {
  const { runId, status, wakeAt } = run;
  const isAbandoned = wait === 'abandoned';
  if (status !== 'paused' && status !== 'interrupted' && status !== 'running' && status !== 'queued') return;
  const when = status === 'queued' ? 'due at' : 'until';
  const until =
    wakeAt === undefined ? '' : `, ${when} ${timeText(wakeAt)}${status === 'queued' ? '' : ' at the latest'}`;
  const cancelled = cancel === undefined ? '' : `, and to be cancelled${reasonText(cancel.reason)}`;
  io.writeOut(`\n${status}${until}${isAbandoned ? ', and its process is gone' : ''}${cancelled}\n`);
  const inStore = shellOption('--store', named);
  const resume = `npx reprise resume ${shellWord(runId)}${inStore}`;
  if (wait === 'stranded') {
    io.writeTalk(
      `  next: no live worker has the code that it was begun with: start one, or continue with the code of today: ${resume} --force\n`,
    );
    return;
  }
  if (wait === 'left alone') {
    io.writeTalk(`  next: no live worker can continue it with its code; ${leftAloneText(resume)}\n`);
    return;
  }
  if (cancel !== undefined && status !== 'running') {
    io.writeTalk(`  next: npx reprise work${inStore} ends it, or ${resume}\n`);
    return;
  }
  const next = {
    paused:
      wait === 'sent'
        ? `what was sent to it waits to be taken: npx reprise work${inStore} takes it up, or ${resume}`
        : wait === 'time'
          ? `npx reprise work${inStore} takes it up when it is due; to have it looked at now: ${resume}`
          : `see its questions with npx reprise list --paused${inStore}, answer with npx reprise answer ${shellWord(runId)}${inStore}, then ${resume}`,
    interrupted: resume,
    queued: `npx reprise work${inStore} takes it up then; to run it now: ${resume}`,
    running: isAbandoned
      ? resume
      : `wait for it: a process is driving it (npx reprise cancel ${shellWord(runId)}${inStore} ends it)`,
  }[status];
  io.writeTalk(`  next: ${next}\n`);
}

function reasonText(reason: Value): string {
  return reason === undefined ? '' : `: ${valueText(reason, reasonLengthMax)}`;
}
