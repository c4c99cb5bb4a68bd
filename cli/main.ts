#!/usr/bin/env node
// The door of the command line. It looks at the version of Node before anything else is loaded: better-sqlite3 ends an
// old Node without a word.
import { nodeTooOld } from './terminal/node-version.ts';

const tooOld = nodeTooOld(process.versions.node);
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
