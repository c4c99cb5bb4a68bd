// Fixtures as they are in git: at a revision, and those that differ from one.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';

/** A revision never begins like an option. */
const named = /^(?<revision>[\w@][\w./@^~{}+-]*):(?<path>.+\.jsonl(?:\.zst)?)$/;

export interface GitFile extends Disposable {
  /** A copy of the file. */
  readonly path: string;
}

/** `HEAD:fixtures/desk-1.run.jsonl`; undefined if the name is not of this form, or is the path of a file. */
export function fileOfRevision(name: string, cwd: string): GitFile | undefined {
  const { revision, path } = named.exec(name)?.groups ?? {};
  if (revision === undefined || path === undefined || existsSync(resolve(cwd, name))) return undefined;
  const bytes = git(['show', `${revision}:./${path}`], cwd);
  const folder = mkdtempSync(join(tmpdir(), 'reprise-git-'));
  const copy = join(folder, basename(path));
  writeFileSync(copy, bytes);
  return { path: copy, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface ChangedFile {
  readonly change: 'added' | 'removed' | 'changed';
  /** Relative to the working folder. */
  readonly path: string;
}

/** The fixtures below the working folder that differ from where the branch left the revision, and new ones. */
export function changedFixtures(base: string, cwd: string): readonly ChangedFile[] {
  const from = mergeBase(base, cwd);
  const listed = git(['diff', '--name-status', '--no-renames', '--relative', '-z', from], cwd).toString().split('\0');
  const fresh = git(['ls-files', '--others', '--exclude-standard', '-z'], cwd).toString().split('\0');
  const changes: ChangedFile[] = fresh.map((path) => ({ change: 'added', path }));
  for (let place = 0; place + 1 < listed.length; place += 2) {
    const change = listed[place] === 'A' ? 'added' : listed[place] === 'D' ? 'removed' : 'changed';
    changes.push({ change, path: listed[place + 1] as string });
  }
  return changes
    .filter(({ path }) => /\.run\.jsonl(\.zst)?$/.test(path))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Where the branch left the revision. */
export function mergeBase(base: string, cwd: string): string {
  if (base.startsWith('-')) throw unknownRevision(base);
  return git(['merge-base', '--', base, 'HEAD'], cwd).toString().trim();
}

function git(given: readonly string[], cwd: string): Buffer {
  try {
    return execFileSync('git', given, { cwd, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (thrown) {
    const [line = ''] = String((thrown as { readonly stderr?: Buffer }).stderr ?? thrown).split('\n');
    throw new RepriseError('usage', `git says: ${line}`, {
      nextStep: 'Name a revision and a path that git knows, such as HEAD:fixtures/desk/desk-1.run.jsonl.',
      cause: thrown,
    });
  }
}

function unknownRevision(base: string): RepriseError {
  return new RepriseError('usage', `${base} is not a revision`, { nextStep: 'Name a branch, such as origin/main.' });
}
