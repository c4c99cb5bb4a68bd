import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RepriseError, version } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { filesOf, fixturesDefault, loadConfig, shortPath } from '../project/config.ts';
import type { LoadedConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { graphsOfConfig } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { storePath } from '../project/store-path.ts';

interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly text: string;
}

export const doctorCommand: AddCommand = (program, io, finish) => {
  program
    .command('doctor')
    .description('check the set-up: Node, optional packages, config, graphs, store, fixtures')
    .addHelpText('after', '\nExample:\n  $ reprise doctor')
    .action(async () => finish(await examine(io)));
};

async function examine(io: CliIo): Promise<ExitCode> {
  const findings: Finding[] = [
    { level: 'ok', text: `reprise ${version} on Node ${process.versions.node}` },
    ...peers(io.cwd),
  ];
  let config: LoadedConfig | undefined;
  try {
    config = await loadConfig(io.cwd);
    findings.push(
      config.path === undefined
        ? { level: 'note', text: 'no reprise.config.ts: name graphs by path/to/module.ts#export' }
        : { level: 'ok', text: `config ${shortPath(config.path, io.cwd)}` },
    );
    findings.push(await graphs(config), await store(config, io.cwd), fixtures(config));
  } catch (thrown) {
    findings.push(problem(thrown));
  }
  for (const { level, text } of findings) io.writeOut(`${level.padEnd(8)}${text}\n`);
  return findings.some((finding) => finding.level === 'problem') ? 1 : 0;
}

const peerUses = [
  ['better-sqlite3', 'stores runs (run, export, list)'],
  ['vitest', 'the matcher toReplay'],
] as const;

function peers(cwd: string): readonly Finding[] {
  const fromProject = createRequire(join(cwd, 'package.json'));
  const fromHere = createRequire(import.meta.url);
  return peerUses.map(([name, use]) => {
    for (const require of [fromProject, fromHere]) {
      try {
        require.resolve(`${name}/package.json`);
        return { level: 'ok', text: `${name} is installed: ${use}` };
      } catch (thrown) {
        // A package may keep its package.json to itself; it is there all the same.
        if ((thrown as { code?: unknown }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
          return { level: 'ok', text: `${name} is installed: ${use}` };
      }
    }
    return { level: 'note', text: `${name} is not installed: ${use}. npm install --save-dev ${name}` };
  });
}

async function graphs(config: LoadedConfig): Promise<Finding> {
  if (config.graphs === undefined) return { level: 'note', text: 'the config names no graphs' };
  try {
    const known = await graphsOfConfig(config);
    return known.size === 0
      ? { level: 'problem', text: `no module of ${config.graphs.join(', ')} exports a graph` }
      : { level: 'ok', text: `graphs: ${[...known.keys()].join(', ')}` };
  } catch (thrown) {
    return problem(thrown);
  }
}

async function store(config: LoadedConfig, cwd: string): Promise<Finding> {
  const path = storePath(undefined, config, cwd);
  if (!existsSync(path)) return { level: 'note', text: `no store yet at ${shortPath(path, cwd)}` };
  const opened = sqliteStore(path, { mode: 'read' });
  try {
    const runs = await opened.list({ limit: 1_000 });
    return {
      level: 'ok',
      text: `store ${shortPath(path, cwd)}: ${runs.length === 1_000 ? 'over 999 runs' : counted(runs.length, 'run')}`,
    };
  } catch (thrown) {
    return problem(thrown);
  } finally {
    await opened.close();
  }
}

function fixtures(config: LoadedConfig): Finding {
  const found = filesOf(config.fixtures ?? fixturesDefault, config.folder);
  return found.length === 0
    ? { level: 'note', text: 'no fixtures yet: reprise record, or reprise export' }
    : { level: 'ok', text: counted(found.length, 'fixture') };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function problem(thrown: unknown): Finding {
  if (!(thrown instanceof RepriseError)) throw thrown;
  return { level: 'problem', text: `${thrown.message} [${thrown.code}]. ${thrown.nextStep}` };
}
