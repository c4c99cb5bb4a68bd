// Which files vitest runs as tests is for vitest to say: globs, projects and plugins of its config decide it.
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What vitest makes of files of a project. */
export interface TestFiles {
  /** The name of its config, where there is one. Without one, every `*.test.*` and `*.spec.*` is a test. */
  readonly config: string | undefined;
  /** Those that it runs. Undefined where it could not be asked: it is not installed yet, or its config does not load. */
  readonly run: ReadonlySet<string> | undefined;
}

/** @param paths relative to the folder; they need not exist */
export async function testFilesOf(folder: string, paths: readonly string[]): Promise<TestFiles> {
  const config = globSync(['vitest.config.*', 'vitest.workspace.*', 'vite.config.*'], { cwd: folder })[0];
  if (config === undefined) return { config, run: new Set(paths) };
  return { config, run: await askVitest(folder, paths) };
}

const answerMsMax = 20_000;

/** In a process of its own: a config is the project's code, and may print, change the environment, or hang. */
async function askVitest(folder: string, paths: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  const door = doorOfVitest(folder);
  if (door === undefined) return undefined;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', question, door, JSON.stringify(paths)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: answerMsMax,
  });
  let answer: ReadonlySet<string> | undefined;
  child.on('message', (run: readonly string[]) => {
    answer = new Set(run);
    child.kill();
  });
  await new Promise((resolve) => child.on('error', resolve).on('close', resolve));
  return answer;
}

const question = `
const [door, paths] = process.argv.slice(1);
const { createVitest } = await import(door);
const { projects } = await createVitest('test', { watch: false });
const isRun = (path) => projects.some((project) => project.matchesTestGlob(process.cwd() + '/' + path));
process.send(JSON.parse(paths).filter(isRun));
`;

function doorOfVitest(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('vitest/package.json');
    const door = join(dirname(manifest), 'dist/node.js');
    return existsSync(door) ? pathToFileURL(door).href : undefined;
  } catch {
    return undefined;
  }
}
