// What a command is, and what it works with.
import type { Command } from 'commander';
import type { Project } from '../project/project.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';

/** What the program gives to the command that it runs. */
export interface CommandContext {
  readonly io: CliIo;
  /** The project around the working folder. Its config is loaded once. @throws RepriseError */
  readonly openProject: () => Promise<Project>;
}

/** One command of the program. */
export interface CliCommand {
  /** Declares the arguments, the options and the help. */
  readonly declare: (command: Command) => Command;
  /** Does the work. It is given the declared arguments, each in its place, and then the options. */
  readonly run: (context: CommandContext, ...given: never[]) => Promise<ExitCode>;
}
