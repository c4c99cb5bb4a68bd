// The built command as a user has it: a process of its own, in a project of its own.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const program = join(root, 'dist/cli/main.mjs');

export interface Ended {
  /** Undefined where a signal ended the process. */
  readonly code: number | undefined;
  readonly out: string;
  readonly talk: string;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The program that runs the command; by default the Node that runs the tests. */
  readonly node?: string;
  readonly uid?: number;
  /** Told of the process once it runs, to send signals to it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `reprise` with arguments in a folder and waits for its end. */
export function reprise(cwd: string, args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  if (!existsSync(program)) throw new Error(`there is no ${program}: run \`npm run build\` first`);
  return processOf(options.node ?? process.execPath, [program, ...args], cwd, options);
}

export function processOf(
  file: string,
  args: readonly string[],
  cwd: string,
  { env = {}, uid, onStart }: ProcessOptions = {},
): Promise<Ended> {
  const child = spawn(file, args, {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let out = '';
  let talk = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    talk += text;
  });
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, out, talk: withoutProgress(talk) }));
  });
}

/** A machine that is busy prints a line about progress where another one is done in time. */
export function withoutProgress(talk: string): string {
  return talk.replaceAll(/^[a-z]+ing\b.* …\n/gm, '');
}

/** Makes a project that has Reprise installed, with files by their path. */
export function makeProject(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/reprise'), 'dir');
  for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }\n', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The source of a project's module that is kept beside the tests. */
export function moduleText(name: string): string {
  return readFileSync(join(root, 'test/support/projects', name), 'utf8');
}

/** A source with a change, which has to be one. */
export function changed(source: string, from: string, to: string): string {
  if (!source.includes(from)) throw new Error(`there is no "${from}" to change`);
  return source.replace(from, to);
}

/** Every file of a project by its path, without what it has installed. */
export function projectFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) =>
      entry.isDirectory()
        ? projectFiles(join(folder, entry.name)).map((below) => `${entry.name}/${below}`)
        : [entry.name],
    )
    .sort();
}
