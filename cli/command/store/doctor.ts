import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RepriseError, version } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { scanFixture, unreachedPaths } from '../../../src/record/index.ts';
import { installPlaceholders, readFixture } from '../../../src/replay/index.ts';
import { oneLine } from '../../../src/report/index.ts';
import { openServer, storeTimeOf } from '../../project/store/open-store.ts';
import { strandedFindings } from '../../project/store/stranded-runs.ts';
import { isServerAddress } from '../../terminal/words/server-address.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { configuredFixtures } from '../../project/fixture/fixture-paths.ts';
import type { Project } from '../../project/project.ts';
import { drawnValues, knownEndpoints } from '../../../src/live/http/index.ts';
import { counted } from '../../terminal/words/counted.ts';
import { shellWord } from '../../terminal/words/shell-word.ts';
import { drawnText } from '../../terminal/words/drawn-text.ts';
import { outsideSummary, outsideText } from '../../terminal/words/outside-text.ts';
import { secretsText } from '../../terminal/words/secrets-text.ts';
import type { ExitCode } from '../../terminal/io.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface Finding {
  readonly level: 'ok' | 'note' | 'problem' | 'secret';
  readonly text: string;
}

export const doctorCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Check the setup')
      .description('Check the setup: Node, optional packages, config, graphs, store and fixtures.')
      .option(...storeOption)
      .option('--outside', 'Print only the requests that are no part of a run, each with the reason')
      .option(
        '--left-out',
        'Print only what does not tell requests apart because clients draw it, each with the reason',
      )
      .option('--secrets', 'Print only by which names and forms credentials are found')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise doctor\n  $ npx reprise doctor --store runs.db\n  $ npx reprise doctor --outside',
      ),
  run: examine,
};

interface DoctorArguments {
  readonly store?: string;
  readonly outside?: boolean;
  readonly leftOut?: boolean;
  readonly secrets?: boolean;
}

async function examine({ io, openProject }: CommandContext, given: DoctorArguments): Promise<ExitCode> {
  if (given.outside === true) {
    const { config } = await openProject();
    io.writeOut(outsideText(knownEndpoints(config.outside ?? [])));
    return 0;
  }
  if (given.leftOut === true) {
    io.writeOut(drawnText(drawnValues()));
    return 0;
  }
  if (given.secrets === true) {
    io.writeOut(secretsText());
    return 0;
  }
  const findings: Finding[] = [
    { level: 'ok', text: `reprise ${version} on Node ${process.versions.node}` },
    ...packages(io.cwd),
  ];
  try {
    const project = await openProject();
    installPlaceholders(project.config.env);
    findings.push(
      config(project),
      await graphs(project),
      ...(await store(project, given.store)),
      ...(await fixtures(project)),
    );
    const outside = outsideSummary(knownEndpoints(project.config.outside ?? []));
    const drawn = drawnValues().map(({ name }) => name);
    findings.push(...outside.map((text) => ({ level: 'ok', text }) as const), {
      level: 'ok',
      text: `left out of what tells requests apart: ${drawn.join(', ')}`,
    });
    findings.push({
      level: 'ok',
      text: 'credentials are found by their names and forms: npx reprise doctor --secrets',
    });
  } catch (thrown) {
    findings.push(problem(thrown));
  }
  for (const { level, text } of findings) io.writeOut(`${level.padEnd(8)}${text}\n`);
  if (findings.some((finding) => finding.level === 'secret')) return 2;
  return findings.some((finding) => finding.level === 'problem') ? 1 : 0;
}

const packageUses = [
  ['better-sqlite3', 'stores runs (run, export, list)'],
  ['vitest', 'the matcher toReplay'],
] as const;

function packages(cwd: string): readonly Finding[] {
  const places = [createRequire(join(cwd, 'package.json')), createRequire(import.meta.url)];
  return packageUses.map(([name, use]) =>
    places.some((place) => isInstalled(name, place))
      ? { level: 'ok', text: `${name} is installed: ${use}` }
      : { level: 'note', text: `${name} is not installed: ${use}. npm install --save-dev ${name}` },
  );
}

function isInstalled(name: string, place: NodeJS.Require): boolean {
  try {
    place.resolve(`${name}/package.json`);
    return true;
  } catch (thrown) {
    // The package is there, but does not export its package.json.
    return (thrown as { code?: unknown }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function config(project: Project): Finding {
  const { path } = project.config;
  return path === undefined
    ? { level: 'note', text: 'no reprise.config.ts: name graphs as path/to/module.ts#export' }
    : { level: 'ok', text: `config ${project.shorten(path)}` };
}

async function graphs(project: Project): Promise<Finding> {
  const patterns = project.config.graphs;
  if (patterns === undefined) return { level: 'note', text: 'no `graphs` in the config' };
  try {
    const found = await project.loadGraphs();
    return found.length === 0
      ? { level: 'problem', text: `no module matching ${patterns.join(', ')} exports a graph` }
      : { level: 'ok', text: `graphs: ${found.map(({ name }) => name).join(', ')}` };
  } catch (thrown) {
    return problem(thrown);
  }
}

const runCountMax = 999;
const waitingCountMax = 999;
/** A worker that has room takes a task much sooner. */
const unclaimedMs = 10_000;

/** `named`: a store that is named has to be there. */
async function store(project: Project, named: string | undefined): Promise<readonly Finding[]> {
  const path = project.storePath(named);
  const name = project.shorten(path);
  return isServerAddress(path) ? serverStore({ path, name, named }) : fileStore({ path, name, named });
}

interface NamedStore {
  readonly path: string;
  readonly name: string;
  /** As the user has named it. */
  readonly named: string | undefined;
}

async function fileStore({ path, name, named }: NamedStore): Promise<readonly Finding[]> {
  if (!existsSync(path))
    return named !== undefined
      ? [{ level: 'problem', text: `there is no store at ${name}` }]
      : [{ level: 'note', text: `no store yet at ${name}` }];
  const opened = sqliteStore(path, { mode: 'read' });
  try {
    const [wrong] = await opened.check();
    if (wrong !== undefined)
      return [
        {
          level: 'problem',
          text: `store ${name} is damaged: ${oneLine(wrong)}; recover it: sqlite3 ${name} .recover`,
        },
      ];
    const runs = await opened.list({ limit: runCountMax + 1 });
    const damaged = runs.find(({ isDamaged }) => isDamaged === true);
    if (damaged !== undefined)
      return [
        {
          level: 'problem',
          text: `store ${name} is damaged in run ${oneLine(damaged.runId)}; the others can be read`,
        },
      ];
    return [
      { level: 'ok', text: `store ${name}: ${countText(runs.length)}` },
      ...(await strandedIn(opened, name, named)),
      ...(await unclaimed(opened, name)),
    ];
  } catch (thrown) {
    return [problem(thrown)];
  } finally {
    await opened.close();
  }
}

/** Tasks that no worker has at present: a worker takes what is due within a second. */
async function unclaimed(store: Pick<RunStore, 'errands' | 'time'>, name: string): Promise<readonly Finding[]> {
  const byNode = new Map<string, number>();
  const now = await storeTimeOf(store);
  for (const { graph, node, since } of (await store.errands?.waiting(waitingCountMax)) ?? []) {
    if (now - since < unclaimedMs) continue;
    const key = JSON.stringify([graph, node]);
    byNode.set(key, (byNode.get(key) ?? 0) + 1);
  }
  return [...byNode].map(([key, count]) => {
    const [graph = '', node = ''] = JSON.parse(key) as readonly string[];
    const command = `npx reprise work --tasks ${shellWord(node)}`;
    const what = count === waitingCountMax ? `over ${count} tasks` : counted(count, 'task');
    return {
      level: 'problem',
      text: `store ${name}: no worker takes ${what} of node ${oneLine(node)} of graph ${oneLine(graph)}: ${command}`,
    };
  });
}

/** A server that can lose what it has acknowledged is a problem. */
async function serverStore({ path, name, named }: NamedStore): Promise<readonly Finding[]> {
  const opened = openServer(path, 'read');
  try {
    const runs = await opened.list({ limit: runCountMax + 1 });
    const warnings = await opened.check(Date.now);
    return [
      { level: 'ok', text: `store ${name}: ${countText(runs.length)}` },
      ...(await unclaimed(opened, name)),
      ...warnings.map(
        ({ level, text }): Finding => ({
          level: level === 'unsafe' ? 'problem' : level,
          text: `store ${name}: ${text}`,
        }),
      ),
      ...(await strandedIn(opened, name, named)),
    ];
  } catch (thrown) {
    return [
      isUnmade(thrown) ? { level: 'note', text: `no store yet at ${name}: it is made on first use` } : problem(thrown),
    ];
  } finally {
    await opened.close();
  }
}

/** The server is there, and the tables are not. */
function isUnmade(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.code === 'store-unreadable' && thrown.fields.version === 0;
}

async function strandedIn(store: RunStore, name: string, named: string | undefined): Promise<readonly Finding[]> {
  const found = await strandedFindings(store, named);
  return found.map(({ level, text }) => ({ level, text: `store ${name}: ${text}` }));
}

function countText(count: number): string {
  return count > runCountMax ? `over ${runCountMax} runs` : counted(count, 'run');
}

/** Reads every fixture from end to end. */
async function fixtures(project: Project): Promise<readonly Finding[]> {
  const paths = configuredFixtures(project.config);
  if (paths.length === 0)
    return [{ level: 'note', text: 'no fixtures yet: make one with npx reprise record or npx reprise export' }];
  const findings: Finding[] = [];
  for (const path of paths) findings.push(...(await fixture(path, project)));
  const bad = findings.filter(({ level }) => level === 'problem').length;
  findings.push(...(await secrets(paths, project)));
  if (bad === 0) findings.push(...(await idleRules(paths, project)));
  const all = counted(paths.length, 'fixture');
  return bad === 0
    ? [{ level: 'ok', text: all }, ...findings]
    : [{ level: 'problem', text: `${bad} of ${all} cannot be replayed` }, ...findings];
}

/** A path that is misspelled hides nothing. */
async function idleRules(paths: readonly string[], { config }: Project): Promise<readonly Finding[]> {
  if (config.redact?.paths === undefined) return [];
  const unreached = await unreachedPaths(paths, config.redact);
  return unreached.map((path) => ({
    level: 'note',
    text: `redact.paths: ${JSON.stringify(path)} reaches nothing in any fixture: look at its spelling`,
  }));
}

/** A fixture that holds a secret is worse than one that cannot be replayed. */
async function secrets(paths: readonly string[], project: Project): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const path of paths) {
    const found = await scanFixture(path, project.config.redact).catch((thrown: unknown) => {
      if (thrown instanceof RepriseError) return [];
      throw thrown;
    });
    const name = project.shorten(path);
    for (const { rule, place, line } of found)
      findings.push({
        level: 'secret',
        text: `${name}, line ${line}: ${place}: ${rule} [secret-found]. Take it out: npx reprise scrub ${shellWord(name)} --value @-`,
      });
  }
  return findings;
}

async function fixture(path: string, project: Project): Promise<readonly Finding[]> {
  const name = project.shorten(path);
  try {
    const { graph, notes } = await readFixture(path);
    // Without graphs in the config, a replay names the module.
    if (project.config.graphs !== undefined) await project.loadGraphOfFixture(graph);
    return notes.map((note) => ({ level: 'note', text: `${name} may not replay: ${note}` }));
  } catch (thrown) {
    const { level, text } = problem(thrown);
    return [{ level, text: text.includes(name) ? text : `${name}: ${text}` }];
  }
}

function problem(thrown: unknown): Finding {
  if (!(thrown instanceof RepriseError)) throw thrown;
  return { level: 'problem', text: `${thrown.message} [${thrown.code}]. ${thrown.nextStep}` };
}
