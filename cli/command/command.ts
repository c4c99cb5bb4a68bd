import type { Command } from 'commander';
import type { CliIo, ExitCode } from '../terminal/io.ts';

/** Adds a command to the program: declares its arguments, and reports its exit code to `finish`. */
export type AddCommand = (program: Command, io: CliIo, finish: (code: ExitCode) => void) => void;
