// The files that set Reprise up in a project: what is there decides what they say.
//   P1. A file that exists is left as it is; to a list of Git's, lines are added at the end.
import { posix } from 'node:path';
import { fixtureFolder } from '../../../src/record/index.ts';
import type { FoundGraph, FoundProject } from './found-project.ts';
import { workflowText } from './workflow-text.ts';

export interface PlannedFile {
  readonly path: string;
  readonly text: string;
  /** For a list that may be there already: `added` is, unless this matches what is in it. */
  readonly unless?: RegExp;
  readonly added?: string;
}

export interface InitChoices {
  /** Globs or files with graphs, in place of those that were found. */
  readonly graphs?: readonly string[];
  readonly ci: boolean;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** The graph that was written as an example, to be recorded once its file is there. */
  readonly example: FoundGraph | undefined;
}

export function planFiles(project: FoundProject, choices: InitChoices): Plan {
  const example = project.graphs.length === 0 && choices.graphs === undefined ? exampleGraph(project) : undefined;
  const graphs = example === undefined ? project.graphs : [example];
  const globs = choices.graphs ?? graphs.map(({ path }) => globOf(path));
  const isTested = usesVitest(project);
  return {
    example,
    files: [
      {
        path: project.config ?? `reprise.config.${extension(project)}`,
        text: configText([...new Set(globs)], project),
      },
      ...(example === undefined ? [] : [{ path: example.path, text: exampleText }]),
      ...(project.tsConfig === undefined ? [{ path: 'tsconfig.json', text: tsConfigText(project) }] : []),
      ...(isTested && !project.hasTest ? graphs.map((graph) => testOf(graph, graph === example, project)) : []),
      { path: '.gitattributes', text: attributes, added: attributes, unless: /\.run\.jsonl/ },
      { path: '.gitignore', text: 'node_modules/\nruns.db*\n', added: 'runs.db*\n', unless: ignoresStore },
      ...(choices.ci && project.otherCi === undefined
        ? [{ path: '.github/workflows/replay.yml', text: workflowText(project, isTested) }]
        : []),
    ],
  };
}

/** The store, and what SQLite keeps beside it while it is open: both hold what no redaction has seen. */
const ignoresStore =
  /^\/?(?:runs|\*)\.db\*|^(?=[\s\S]*^\/?(?:runs|\*)\.db(?:-\*|-wal)\s*$)(?=[\s\S]*^\/?(?:runs|\*)\.db(?:-\*|-shm)\s*$)(?=[\s\S]*^\/?(?:runs|\*)\.db\s*$)/m;

/** What `diff=reprise` shows is for each clone to say, since git runs it: `init` names the command. */
const attributes = '*.run.jsonl text eol=lf diff=reprise\n*.run.jsonl.zst -text -merge diff=reprise\n';

/** A folder of graphs takes more of them. Elsewhere a glob would import programs and tests. */
function globOf(path: string): string {
  return posix.basename(posix.dirname(path)) === 'graphs' ? `${posix.dirname(path)}/*${posix.extname(path)}` : path;
}

/** A project that has another test runner gets no tests for vitest. */
export function usesVitest({ packages }: FoundProject): boolean {
  return packages.has('vitest') || !['jest', 'mocha', 'ava', 'jasmine', 'tap'].some((name) => packages.has(name));
}

/** Without `"type": "module"` in package.json, only this makes an ES module of a file for Node. */
function extension({ isModule }: FoundProject): 'ts' | 'mts' {
  return isModule ? 'ts' : 'mts';
}

function exampleGraph(project: FoundProject): FoundGraph {
  return { path: `src/graphs/hello.${extension(project)}`, exported: 'hello', name: 'hello', isModule: true };
}

const exampleText = `import { fields, graph, last } from 'reprise';

export const hello = graph('hello', { state: fields({ name: last<string>(), greeting: last('') }) })
  .node('greet', async (state, { effect }) => {
    // What an effect comes to is recorded, and a replay takes it from the fixture.
    const day = await effect('weekday', {}, () => new Date().toLocaleDateString('en', { weekday: 'long' }));
    return { delta: { greeting: \`Hello, \${state.name}! It is \${day}.\` } };
  })
  .start('greet')
  .build();
`;

function configText(globs: readonly string[], { packages }: FoundProject): string {
  return `import { defineConfig } from 'reprise/config';

export default defineConfig({
  graphs: [${globs.map(quoted).join(', ')}],
  store: 'runs.db',
  fixtures: 'fixtures/**/*.run.jsonl',
${packages.has('tsx') ? "  import: ['tsx'],\n" : ''}});
`;
}

function testOf({ path, exported, name }: FoundGraph, isRecorded: boolean, project: FoundProject): PlannedFile {
  const folder = testFolder(project);
  const from = posix.relative(folder, path);
  const file = `${folder}/${name.replaceAll(/[^\w-]+/g, '-')}.test.${extension(project)}`;
  const module = importedAs(from.startsWith('.') ? from : `./${from}`, project);
  const options = isRecorded ? '' : ", { ifNone: 'todo' }";
  return {
    path: file,
    text: `import { describeFixtures } from 'reprise/vitest';
import { ${exported} } from ${quoted(module)};

describeFixtures(${exported}, ${quoted(`${fixtureFolder('fixtures', name)}/*.run.jsonl`)}${options});
`,
  };
}

/** A test that the compiler does not see would be one that the linter stumbles over. */
function testFolder({ tsConfig }: FoundProject): string {
  const include = tsConfig?.include;
  return include === undefined || include.some((one) => !one.replace(/^\.\//, '').startsWith('src')) ? 'test' : 'src';
}

/** A compiler that may not import \`.ts\` wants the name of what it would make. */
function importedAs(path: string, { tsConfig }: FoundProject): string {
  const { allowImportingTsExtensions, rewriteRelativeImportExtensions } = tsConfig?.compilerOptions ?? {};
  const mayNameTs =
    tsConfig === undefined || allowImportingTsExtensions === true || rewriteRelativeImportExtensions === true;
  return mayNameTs ? path : path.replace(/\.(m?)ts$/, '.$1js');
}

function tsConfigText({ packages, isModule }: FoundProject): string {
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    types: packages.has('@types/node') ? ['node'] : [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    // In a file that Node takes for CommonJS, it allows no `import` and no `export`.
    ...(isModule ? { verbatimModuleSyntax: true } : {}),
  };
  return `${JSON.stringify({ compilerOptions }, null, 2)}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
