// Projects of users, small: each is installed from the packed package, built by its own tools and run.
//   npm run test:projects [project …]
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

const here = import.meta.dirname;
const repository = resolve(here, '../..');
const home = mkdtempSync(join(tmpdir(), 'reprise-projects-'));

interface Done {
  readonly isGreen: boolean;
  readonly output: string;
}

/** On this very Node, whatever the machine calls `node`. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };

function run(program: string, args: readonly string[], cwd: string): Done {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 15 * 60_000 });
  return { isGreen: status === 0, output: `${stdout}${stderr}` };
}

function packed(): string {
  const done = run('npm', ['pack', '--silent', '--pack-destination', home], repository);
  if (!done.isGreen) throw new Error(done.output);
  return join(home, readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '');
}

function tried(project: string, tarball: string): Done {
  const folder = join(home, project);
  cpSync(join(here, project), folder, { recursive: true });
  const graphs = join(folder, 'packages/graphs');
  for (const shared of ['desk.mjs', 'drawn.mjs'])
    cpSync(join(here, shared), join(existsSync(graphs) ? graphs : folder, shared));
  const file = join(folder, 'package.json');
  const text = readFileSync(file, 'utf8');
  const manifest = JSON.parse(text) as { readonly dependencies?: object };
  const dependencies = { ...manifest.dependencies, reprise: `file:${tarball}` };
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies }));
  const installed = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  return installed.isGreen ? run('npm', ['run', '--silent', 'check'], folder) : installed;
}

const all = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const wanted = process.argv.slice(2);
const tarball = packed();
for (const project of wanted.length > 0 ? wanted : all) {
  const { isGreen, output } = tried(project, tarball);
  console.log(`${isGreen ? 'passed' : 'FAILED'}  ${project}\n${output.trim().replace(/^/gm, '    ')}`);
  if (!isGreen) process.exitCode = 1;
}
rmSync(home, { recursive: true, force: true });
