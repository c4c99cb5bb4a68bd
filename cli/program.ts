// Reads the arguments, runs the command, and turns what it throws into a message and an exit code.
import { Command, CommanderError } from 'commander';
import type { OutputConfiguration } from 'commander';
import { RepriseError, explainError, version } from '../src/index.ts';
import type { CliCommand, CommandContext } from './command/command.ts';
import { openProject } from './project/project.ts';
import type { Project } from './project/project.ts';
import type { CliIo, ExitCode } from './terminal/io.ts';

/** A command is loaded when it is asked for: together they load all that Reprise has. */
const commandGroups: Readonly<Record<string, Readonly<Record<string, () => Promise<CliCommand>>>>> = {
  'Begin:': {
    init: async () => (await import('./command/init.ts')).initCommand,
  },
  'Run:': {
    run: async () => (await import('./command/run/run.ts')).runCommand,
    enqueue: async () => (await import('./command/run/enqueue.ts')).enqueueCommand,
    resume: async () => (await import('./command/run/resume.ts')).resumeCommand,
    answer: async () => (await import('./command/run/answer.ts')).answerCommand,
    send: async () => (await import('./command/run/send.ts')).sendCommand,
    work: async () => (await import('./command/run/work.ts')).workCommand,
    cancel: async () => (await import('./command/run/cancel.ts')).cancelCommand,
    fork: async () => (await import('./command/run/fork.ts')).forkCommand,
  },
  'Record and replay:': {
    record: async () => (await import('./command/fixture/record.ts')).recordCommand,
    export: async () => (await import('./command/fixture/export.ts')).exportCommand,
    replay: async () => (await import('./command/fixture/replay.ts')).replayCommand,
    seal: async () => (await import('./command/fixture/seal.ts')).sealCommand,
    check: async () => (await import('./command/explore/check.ts')).checkCommand,
    explain: async () => (await import('./command/explore/explain.ts')).explainCommand,
    shrink: async () => (await import('./command/explore/shrink.ts')).shrinkCommand,
    diff: async () => (await import('./command/fixture/diff.ts')).diffCommand,
    laws: async () => (await import('./command/explore/laws.ts')).lawsCommand,
  },
  'Clean up:': {
    prune: async () => (await import('./command/store/prune.ts')).pruneCommand,
    delete: async () => (await import('./command/store/delete.ts')).deleteCommand,
    vacuum: async () => (await import('./command/store/vacuum.ts')).vacuumCommand,
    scrub: async () => (await import('./command/fixture/scrub.ts')).scrubCommand,
  },
  'Inspect:': {
    show: async () => (await import('./command/run/show.ts')).showCommand,
    list: async () => (await import('./command/run/list.ts')).listCommand,
    serve: async () => (await import('./command/fixture/serve.ts')).serveCommand,
    graph: async () => (await import('./command/graph.ts')).graphCommand,
    copy: async () => (await import('./command/store/copy.ts')).copyCommand,
    workers: async () => (await import('./command/store/workers.ts')).workersCommand,
    doctor: async () => (await import('./command/store/doctor.ts')).doctorCommand,
  },
};

export async function runProgram(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = emptyProgram(io);
  const context = contextOf(io, () => program.opts<ProgramOptions>().import ?? []);
  try {
    for (const { heading, name, load } of askedCommands(args, io)) {
      const { declare, run } = await load();
      declare(program.command(name))
        .helpGroup(heading)
        .configureOutput(outputOf(`npx reprise ${name}`, io))
        // Commander passes the values that the command has declared.
        .action(async (...given: unknown[]) => {
          code = await run(context, ...(given as never[]));
        });
    }
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    return exitCodeOf(thrown, io);
  }
}

interface NamedCommand {
  readonly heading: string;
  readonly name: string;
  readonly load: () => Promise<CliCommand>;
}

/** The command that the arguments name. All of them if they name none, for the help and for what comes near. */
function askedCommands(args: readonly string[], io: CliIo): readonly NamedCommand[] {
  const all = Object.entries(commandGroups).flatMap(([heading, commands]) =>
    Object.entries(commands).map(([name, load]) => ({ heading, name, load })),
  );
  const [asked] = emptyProgram(io).parseOptions([...args]).operands;
  const named = all.filter(({ name }) => name === asked);
  return named.length === 0 ? all : named;
}

interface ProgramOptions {
  readonly import?: readonly string[];
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
  return (
    new Command('reprise')
      .description('Record workflow runs in production, replay them in CI, and see where a change makes them diverge.')
      .version(version, '-V, --version', 'Show the version')
      .option<readonly string[]>(
        '--import <loader>',
        'Start with a loader such as tsx, for every command (default: `import` of the config)',
        (loader, before = []) => [...before, loader],
      )
      .helpOption('-h, --help', 'Show this help')
      .commandsGroup('Help:')
      .helpCommand('help [command]', 'Show the help of a command')
      .exitOverride()
      .configureOutput(outputOf('npx reprise', io))
      // On a narrow terminal too, what an option does stays in its column.
      .configureHelp({ minWidthToWrap: 20 })
      .addHelpText('after', programHelp)
  );
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
