#!/usr/bin/env node
// The entry point. It checks the version of Node before it loads anything else, because better-sqlite3 crashes an old
// Node without a message.
import { nodeTooOld } from './terminal/node-version.ts';

const tooOld = nodeTooOld(process.versions);
if (tooOld === undefined) {
  const { runProgram } = await import('./program.ts');
  const { processIo } = await import('./terminal/io.ts');
  const { leaveWith } = await import('./terminal/leave.ts');
  const io = processIo();
  leaveWith(runProgram(process.argv.slice(2), io), io);
} else {
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = 2;
}
