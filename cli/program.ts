// Reads the arguments, runs the command, and turns what it throws into a message and an exit code.
import { Command, CommanderError } from 'commander';
import type { OutputConfiguration } from 'commander';
import { RepriseError, explainError, version } from '../src/index.ts';
import { answerCommand } from './command/answer.ts';
import { cancelCommand } from './command/cancel.ts';
import { checkCommand } from './command/check.ts';
import type { CliCommand, CommandContext } from './command/command.ts';
import { deleteCommand } from './command/delete.ts';
import { diffCommand } from './command/diff.ts';
import { doctorCommand } from './command/doctor.ts';
import { enqueueCommand } from './command/enqueue.ts';
import { explainCommand } from './command/explain.ts';
import { exportCommand } from './command/export.ts';
import { forkCommand } from './command/fork.ts';
import { graphCommand } from './command/graph.ts';
import { initCommand } from './command/init.ts';
import { lawsCommand } from './command/laws.ts';
import { listCommand } from './command/list.ts';
import { pruneCommand } from './command/prune.ts';
import { recordCommand } from './command/record.ts';
import { replayCommand } from './command/replay.ts';
import { resumeCommand } from './command/resume.ts';
import { runCommand } from './command/run.ts';
import { scrubCommand } from './command/scrub.ts';
import { sealCommand } from './command/seal.ts';
import { sendCommand } from './command/send.ts';
import { serveCommand } from './command/serve.ts';
import { showCommand } from './command/show.ts';
import { shrinkCommand } from './command/shrink.ts';
import { vacuumCommand } from './command/vacuum.ts';
import { workCommand } from './command/work.ts';
import { openProject } from './project/project.ts';
import type { Project } from './project/project.ts';
import type { CliIo, ExitCode } from './terminal/io.ts';

const commandGroups: Readonly<Record<string, readonly CliCommand[]>> = {
  'Begin:': [initCommand],
  'Run:': [
    runCommand,
    enqueueCommand,
    resumeCommand,
    answerCommand,
    sendCommand,
    workCommand,
    cancelCommand,
    forkCommand,
  ],
  'Record and replay:': [
    recordCommand,
    exportCommand,
    replayCommand,
    sealCommand,
    checkCommand,
    explainCommand,
    shrinkCommand,
    diffCommand,
    lawsCommand,
  ],
  'Clean up:': [pruneCommand, deleteCommand, vacuumCommand, scrubCommand],
  'Inspect:': [showCommand, listCommand, serveCommand, graphCommand, doctorCommand],
};

export async function runProgram(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = emptyProgram(io);
  const context = contextOf(io, () => program.opts<ProgramOptions>().import);
  for (const [heading, commands] of Object.entries(commandGroups)) {
    for (const { name, declare, run } of commands) {
      declare(program.command(name))
        .helpGroup(heading)
        .configureOutput(outputOf(`npx reprise ${name}`, io))
        // Commander passes the values that the command has declared.
        .action(async (...given: unknown[]) => {
          code = await run(context, ...(given as never[]));
        });
    }
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    return exitCodeOf(thrown, io);
  }
}

interface ProgramOptions {
  readonly import: readonly string[];
}

function contextOf(io: CliIo, loaders: () => readonly string[]): CommandContext {
  let project: Promise<Project> | undefined;
  return {
    io,
    openProject: () => {
      project ??= openProject(io.cwd, loaders());
      return project;
    },
  };
}

function emptyProgram(io: CliIo): Command {
  return new Command('reprise')
    .description('Record workflow runs in production, replay them in CI, and see where a change makes them diverge.')
    .version(version, '-V, --version', 'Show the version')
    .option<readonly string[]>(
      '--import <loader>',
      'Start with a loader such as tsx, for every command (default: `import` of the config)',
      (loader, before) => [...before, loader],
      [],
    )
    .helpOption('-h, --help', 'Show this help')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'Show the help of a command')
    .exitOverride()
    .configureOutput(outputOf('npx reprise', io))
    .addHelpText('after', programHelp);
}

/** Prints what commander has to say through `io`, its errors in the form of all others. */
function outputOf(name: string, io: CliIo): OutputConfiguration {
  return {
    writeOut: (text) => io.writeOut(text),
    writeErr: (text) => io.writeTalk(text),
    outputError: (text) => io.writeTalk(`reprise: ${explainError(usageError(text, name))}\n`),
  };
}

/** What some look for under another name. */
const otherNames: Readonly<Record<string, string>> = {
  explore: 'npx reprise check',
  test: 'npx reprise replay',
  update: 'npx reprise replay --update',
  accept: 'npx reprise replay --update',
};

function usageError(text: string, name: string): RepriseError {
  const [, message = text, nearest] = /^(?:error: )?(.*?)(?:\s*\(Did you mean (.*)\?\))?\s*$/s.exec(text) ?? [];
  const help = `\`${name} --help\``;
  const other = otherNames[/^unknown command '(\w+)'/.exec(message)?.[1] ?? ''];
  if (other !== undefined) return new RepriseError('usage', message, { nextStep: `Did you mean \`${other}\`?` });
  return new RepriseError('usage', message, {
    nextStep: nearest === undefined ? `See ${help}.` : `Did you mean ${nearest}? Otherwise, see ${help}.`,
  });
}

function exitCodeOf(thrown: unknown, io: CliIo): ExitCode {
  // Commander has printed its message already. Help and version end here too, with exit code 0.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof RepriseError) {
    io.writeTalk(`reprise: ${explainError(thrown)}\n`);
    return 2;
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  io.writeTalk(`reprise: internal error, please report it\n${text}\n`);
  return 3;
}

const programHelp = `
Examples:
  $ npx reprise run src/desk.ts#desk --input '{"question":"…"}' --run-id desk-1
  $ npx reprise export desk-1 --out fixtures/
  $ npx reprise replay
  $ npx reprise diff fixtures/desk/desk-1.run.jsonl fixtures/desk/desk-2.run.jsonl

Exit codes:
  0    Success, or no difference found
  1    A difference was found, or the run failed
  2    Usage error or invalid input
  3    Internal error of Reprise
  130  Interrupted`;
