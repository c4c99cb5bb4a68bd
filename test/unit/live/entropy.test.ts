// Whether another owner is known to be dead.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { liveEntropy } from '../../../src/live/entropy.ts';

const ownerOf = (pid: number): string => (liveEntropy.owner?.() ?? '').replace(` ${process.pid} `, ` ${pid} `);

it('the parent of this process lives, a process that has ended is gone, and of others nobody can tell', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid = 0 } = child;
  await once(child, 'exit');
  expect(liveEntropy.isGone?.(ownerOf(process.ppid))).toBe(false);
  expect(liveEntropy.isGone?.(ownerOf(pid))).toBe(true);
  expect(liveEntropy.isGone?.(`elsewhere ${pid} x`)).toBeUndefined();
  // Another engine of this process, or a process before it that had the same number.
  expect(liveEntropy.isGone?.(ownerOf(process.pid))).toBeUndefined();
});

it.runIf(process.platform === 'linux')('a process that nobody has reaped is gone too', async () => {
  // The shell becomes a program that does not ask how its children ended, before this one has.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const stateOf = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';
    while (stateOf() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 10));
    expect(liveEntropy.isGone?.(ownerOf(pid))).toBe(true);
  } finally {
    parent.kill();
  }
});
