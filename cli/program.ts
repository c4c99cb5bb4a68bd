// Reads the arguments, calls the command, and turns what it throws into a message and an exit code.
import { Command, CommanderError } from 'commander';
import type { OutputConfiguration } from 'commander';
import { RepriseError, explainError, version } from '../src/index.ts';
import { cancelCommand } from './command/cancel.ts';
import type { AddCommand } from './command/command.ts';
import { diffCommand } from './command/diff.ts';
import { doctorCommand } from './command/doctor.ts';
import { exportCommand } from './command/export.ts';
import { forkCommand } from './command/fork.ts';
import { graphCommand } from './command/graph.ts';
import { listCommand } from './command/list.ts';
import { recordCommand } from './command/record.ts';
import { replayCommand } from './command/replay.ts';
import { resumeCommand } from './command/resume.ts';
import { runCommand } from './command/run.ts';
import { showCommand } from './command/show.ts';
import { workCommand } from './command/work.ts';
import type { CliIo, ExitCode } from './terminal/io.ts';

const commands: readonly AddCommand[] = [
  runCommand,
  resumeCommand,
  workCommand,
  cancelCommand,
  forkCommand,
  recordCommand,
  exportCommand,
  replayCommand,
  diffCommand,
  showCommand,
  listCommand,
  graphCommand,
  doctorCommand,
];

export async function runProgram(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('reprise')
    .description('Record production runs, replay them in CI, and see where a change makes them come out differently.')
    .version(version)
    .exitOverride()
    .configureOutput(outputOf('reprise', io))
    .addHelpText('after', programHelp);
  for (const add of commands) {
    add(program, io, (finished) => {
      code = finished;
    });
  }
  for (const command of program.commands) command.configureOutput(outputOf(`reprise ${command.name()}`, io));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    return exitCodeOf(thrown, io);
  }
}

/** Where the words of commander go; its errors take the form of ours. */
function outputOf(name: string, io: CliIo): OutputConfiguration {
  return {
    writeOut: (text) => io.writeOut(text),
    writeErr: (text) => io.writeTalk(text),
    outputError: (text) => io.writeTalk(`reprise: ${explainError(usageError(text, name))}\n`),
  };
}

function usageError(text: string, name: string): RepriseError {
  const [, message = text, nearest] = /^(?:error: )?(.*?)(?:\s*\(Did you mean (.*)\?\))?\s*$/s.exec(text) ?? [];
  const help = `\`${name} --help\``;
  return new RepriseError('usage', message, {
    nextStep: nearest === undefined ? `See ${help}.` : `Did you mean ${nearest}? Else see ${help}.`,
  });
}

function exitCodeOf(thrown: unknown, io: CliIo): ExitCode {
  // Commander has said what is wrong already; help and version are no fault.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof RepriseError) {
    io.writeTalk(`reprise: ${explainError(thrown)}\n`);
    return 2;
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  io.writeTalk(`reprise: a fault of Reprise itself, please report it\n${text}\n`);
  return 3;
}

const programHelp = `
Examples:
  $ reprise run src/desk.ts#desk --input '{"question":"…"}' --run-id desk-1
  $ reprise export desk-1 --out fixtures/
  $ reprise replay                       # all fixtures of the config
  $ reprise diff fixtures/desk/desk-1.run.jsonl fixtures/desk/desk-2.run.jsonl

Exit codes: 0 done, or the same; 1 a difference was found, or the run failed; 2 wrong use or bad input; 3 a fault of
Reprise itself; 130 interrupted.`;
