// The files that set Reprise up in a project: what is there decides what they say.
//   P1. A file that exists is left as it is; to a list of Git's, lines are added at the end.
import { posix } from 'node:path';
import { fixtureFolder } from '../../../src/record/index.ts';
import type { FoundGraph, FoundProject } from './found-project.ts';
import { testFilesOf } from './test-files.ts';
import type { TestFiles } from './test-files.ts';
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
  /** Tests that vitest would not run, or that it could not be asked about. The workflow relies on none of them. */
  readonly unsure:
    | { readonly tests: readonly string[]; readonly config: string; readonly areLeftOut: boolean }
    | undefined;
}

export async function planFiles(project: FoundProject, choices: InitChoices): Promise<Plan> {
  const example = project.graphs.length === 0 && choices.graphs === undefined ? exampleGraph(project) : undefined;
  const graphs = example === undefined ? project.graphs : [example];
  const globs = choices.graphs ?? graphs.map(({ path }) => globOf(path));
  const tests = await plannedTests(graphs, project);
  const unsure = unsureOf(tests);
  return {
    example,
    unsure,
    files: [
      {
        path: project.config ?? `reprise.config.${extension(project)}`,
        text: configText([...new Set(globs)], project),
      },
      ...(example === undefined ? [] : [{ path: example.path, text: exampleText }]),
      ...(project.tsConfig === undefined ? [{ path: 'tsconfig.json', text: tsConfigText(project) }] : []),
      ...[...tests.places].map(([graph, path]) => testOf(path, graph, graph === example, project)),
      { path: '.gitattributes', text: attributes, added: attributes, unless: /\.run\.jsonl/ },
      { path: '.gitignore', text: 'node_modules/\nruns.db*\n', added: 'runs.db*\n', unless: ignoresStore },
      ...(choices.ci && project.otherCi === undefined
        ? [
            {
              path: '.github/workflows/replay.yml',
              text: workflowText(project, usesVitest(project) && unsure === undefined),
            },
          ]
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

interface PlannedTests extends TestFiles {
  /** Where the tests that are to be written go. */
  readonly places: ReadonlyMap<FoundGraph, string>;
  /** Those that are there already, in their place. */
  readonly found: readonly string[];
}

/** Each test goes where vitest runs it, by the globs of the project. */
async function plannedTests(graphs: readonly FoundGraph[], project: FoundProject): Promise<PlannedTests> {
  if (!usesVitest(project)) return { places: new Map(), found: [], config: undefined, run: undefined };
  const found = project.tests;
  const candidates = new Map(found.length > 0 ? [] : graphs.map((graph) => [graph, testPlaces(graph, project)]));
  const files = await testFilesOf(project.folder, [...found, ...[...candidates.values()].flat()]);
  const placed = [...candidates].map(([graph, paths]) => {
    return [graph, paths.find((path) => files.run?.has(path)) ?? paths[0]] as const;
  });
  return { ...files, found, places: new Map(placed) };
}

function unsureOf({ places, found, config, run }: PlannedTests): Plan['unsure'] {
  const tests = [...found, ...places.values()].filter((path) => run?.has(path) !== true);
  // A workflow replays enough where one of several tests that were there before is run.
  const isEnough = found.length > 0 && tests.length < found.length;
  return config === undefined || tests.length === 0 || isEnough
    ? undefined
    : { tests, config, areLeftOut: run !== undefined };
}

/** The usual names of a test, that of the project's own kind first. */
function testPlaces({ path, name }: FoundGraph, project: FoundProject): readonly [string, ...string[]] {
  const file = name.replaceAll(/[^\w-]+/g, '-');
  const own = testFolder(project);
  const folders = [...new Set([own, 'test', 'tests', '__tests__', 'src', posix.dirname(path)])];
  return [
    `${own}/${file}.test.${extension(project)}`,
    ...folders.flatMap((folder) =>
      ['test', 'spec'].map((kind) => posix.join(folder, `${file}.${kind}.${extension(project)}`)),
    ),
  ];
}

function testOf(file: string, graph: FoundGraph, isRecorded: boolean, project: FoundProject): PlannedFile {
  const { path, exported, name } = graph;
  const from = posix.relative(posix.dirname(file), path);
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
