// A disk of a few megabytes, to be filled for real. It takes the right to mount one.
import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.ts';

export interface SmallDisk {
  readonly folder: string;
  /** Makes it larger, smaller, or read-only. */
  remount(options: string): void;
}

/** Undefined, and a warning, where none can be made: the caller has to skip what it wants to see. */
export function smallDisk(size: string): SmallDisk | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder], { stdio: 'pipe' });
  } catch (thrown) {
    process.stderr.write(`\n!!! SKIPPED, since no small disk can be mounted here: ${String(thrown).split('\n')[0]}\n`);
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return {
    folder,
    remount: (options) => void execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' }),
  };
}
