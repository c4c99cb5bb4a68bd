import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffCommand } from '../../../cli/command/fixture/diff.ts';
import { changedFixtures, fileOfRevision } from '../../../cli/project/fixture/git-file.ts';
import { openProject } from '../../../cli/project/project.ts';
import { sealFixture } from '../../../src/update/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

describe('fixtures in git', () => {
  it('are read at a revision, and compared with what a branch made of them', async () => {
    const folder = temporaryFolder({ 'desk/a.run.jsonl': '', 'desk/other.txt': 'x' });
    const git = (...args: readonly string[]): void =>
      void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder });
    const recorded = 'fixtures/approval/refund-1.run.jsonl';
    const path = join(folder, 'desk/a.run.jsonl');
    copyFileSync(recorded, path);
    copyFileSync(recorded, join(folder, 'gone.run.jsonl'));
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-qm', 'one');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"delta":{"amount":44}', '"delta":{"amount":45}'));
    await sealFixture(path);
    rmSync(join(folder, 'gone.run.jsonl'));
    copyFileSync(recorded, join(folder, 'new.run.jsonl'));
    writeFileSync(join(folder, 'desk/other.txt'), 'y');

    let copy = '';
    {
      using file = fileOfRevision('HEAD:desk/a.run.jsonl', folder);
      copy = file?.path ?? '';
      expect(readFileSync(copy, 'utf8')).toBe(readFileSync(recorded, 'utf8'));
    }
    expect(existsSync(copy)).toBe(false);
    expect(changedFixtures('main', folder)).toEqual([
      { change: 'changed', path: 'desk/a.run.jsonl' },
      { change: 'removed', path: 'gone.run.jsonl' },
      { change: 'added', path: 'new.run.jsonl' },
    ]);

    const texts: string[] = [];
    const io = { cwd: folder, writeOut: (text: string) => void texts.push(text), writeTalk: () => undefined };
    const run = diffCommand.run as (...args: readonly unknown[]) => Promise<number>;
    const context = { io, openProject: () => openProject(folder) };
    expect(await run(context, undefined, undefined, { base: 'main' })).toBe(0);
    const told = texts.join('');
    expect(told).toContain('main:desk/a.run.jsonl and desk/a.run.jsonl diverge: the output of "draft" in step 1');
    expect(told).toContain('gone.run.jsonl: removed\n');
    expect(told).toContain('new.run.jsonl: added\n');
    expect(await run(context, 'HEAD:desk/a.run.jsonl', 'new.run.jsonl', {})).toBe(0);
  });

  it('are told from options and from what git does not know', () => {
    expect(fileOfRevision('desk-1', '.')).toBe(undefined);
    expect(fileOfRevision('--output=x:a.run.jsonl', '.')).toBe(undefined);
    expect(() => fileOfRevision('nowhere:a.run.jsonl', '.')).toThrow(/git says: fatal/);
    expect(() => changedFixtures('--output=x', '.')).toThrow(/is not a revision/);
  });
});
