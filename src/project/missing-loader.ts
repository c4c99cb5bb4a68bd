// Recognizes what Node cannot load by itself and a loader can: syntax that is more than types, and imports that only a
// bundler or a compiler resolves.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { findDecorator } from './find-decorator.ts';
import { placeOfSyntax, pathOf, syntaxPlace } from './module-place.ts';
import { pathsPattern } from './tsconfig.ts';

export interface MissingLoader {
  /** The file, and what in it Node cannot load. */
  readonly what: string;
  readonly nextStep: string;
}

const useLoader =
  "use a loader: npm install --save-dev tsx, and set `import: ['tsx']` in reprise.config.ts (or give --import tsx)";
const useLoaderOnly = `Node strips types and compiles nothing; ${useLoader}.`;

/** What a loader would cure, or undefined if it is something else. `path`: the module that was to be imported. */
export function missingLoader(path: string, thrown: Error): MissingLoader | undefined {
  const { message, stack = '' } = thrown;
  switch ((thrown as { code?: unknown }).code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return { what: `${placeOfSyntax(stack)}${message}`, nextStep: useLoaderOnly };
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return unknownExtension(message);
    case 'ERR_MODULE_NOT_FOUND':
      return missingModule(message);
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return folderImport(message);
    case 'ERR_IMPORT_ATTRIBUTE_MISSING':
      return { what: message, nextStep: `Write \`with { type: 'json' }\` after the import, or ${useLoader}.` };
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return { what: message, nextStep: `Node strips no types inside of node_modules; ${useLoader}.` };
    default:
      return thrown instanceof SyntaxError
        ? (decoratorIn(path, message) ?? typeImport(stack, message) ?? commonJs(path, stack, message))
        : undefined;
  }
}

function unknownExtension(message: string): MissingLoader | undefined {
  const [, extension, file = ''] = /extension "(\.[a-z]+)" for (.*)$/.exec(message) ?? [];
  if (extension !== '.tsx' && extension !== '.jsx') return undefined;
  return { what: `${pathOf(file)}: JSX (a ${extension} file)`, nextStep: useLoaderOnly };
}

function missingModule(message: string): MissingLoader | undefined {
  const [, name, importer = ''] = /Cannot find package '([^']+)' imported from (.*)$/.exec(message) ?? [];
  if (name !== undefined) return missingPackage(name, pathOf(importer), message);
  const [, target = '', from] = /Cannot find module '([^']+)' imported from (.*)$/.exec(message) ?? [];
  const found = fileMeant(pathOf(target));
  if (from === undefined || found === undefined) return undefined;
  return {
    what: `${pathOf(from)}: an import of "${basename(target)}", but the file is ${found}`,
    nextStep: `Write the extension ('…${extname(found)}'), or ${useLoader}.`,
  };
}

/** What looks like a package may be an alias in the `paths` of a tsconfig. */
function missingPackage(name: string, importer: string, message: string): MissingLoader | undefined {
  const pattern = pathsPattern(name, dirname(importer));
  if (pattern === undefined) return undefined;
  return {
    what: `${message}: \`paths\` of ${pattern.file} maps "${pattern.pattern}", and Node does not read it`,
    nextStep: `Write a relative path, use \`imports\` of package.json, or ${useLoader}.`,
  };
}

function folderImport(message: string): MissingLoader | undefined {
  const [, folder, importer = ''] =
    /Directory import '([^']+)' is not supported .* imported from (.*)$/.exec(message) ?? [];
  if (folder === undefined) return undefined;
  return {
    what: `${pathOf(importer)}: an import of the folder ${pathOf(folder)}`,
    nextStep: `Name the file in it ('…/index.ts'), or ${useLoader}.`,
  };
}

const extensions = ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs'];

/** The file that a compiler would take for a path without an extension, or with that of its output. */
function fileMeant(path: string): string | undefined {
  const bare = path.replace(/\.[cm]?jsx?$/, '');
  const candidates = [
    ...extensions.map((extension) => bare + extension),
    ...extensions.map((extension) => join(path, `index${extension}`)),
  ];
  return candidates.find((candidate) => candidate !== path && existsSync(candidate));
}

/** In a package without a `type`, Node takes a module that it cannot parse for one that exports nothing. */
const decoratorErrors = /^Invalid or unexpected token$|does not provide an export named/;

function decoratorIn(path: string, message: string): MissingLoader | undefined {
  const place = decoratorErrors.test(message) ? findDecorator(path) : undefined;
  return place && { what: `${place.file}:${place.line}: a decorator`, nextStep: useLoaderOnly };
}

/** An import of a type without `type` is left in place, and its module exports nothing of that name. */
function typeImport(stack: string, message: string): MissingLoader | undefined {
  const [, name] = /does not provide an export named '([^']+)'/.exec(message) ?? [];
  if (name === undefined) return undefined;
  return {
    what: `${placeOfSyntax(stack)}${message}`,
    nextStep: `If "${name}" is a type, write \`import type\` (\`verbatimModuleSyntax\` of the compiler finds all of them), or ${useLoader}.`,
  };
}

const moduleSyntax =
  /import statement outside a module|Unexpected token 'export'|'import\.meta' outside|^await is only valid/;

function commonJs(path: string, stack: string, message: string): MissingLoader | undefined {
  if (!moduleSyntax.test(message)) return undefined;
  const file = syntaxPlace(stack)?.file ?? path;
  const manifest = nearestManifest(dirname(file));
  if (manifest === undefined) return undefined;
  return {
    what: `${placeOfSyntax(stack)}an ES module in a CommonJS package (${manifest} does not say "type": "module")`,
    nextStep: basename(file).startsWith('reprise.config.')
      ? 'Name the file reprise.config.mts, or npm pkg set type=module.'
      : `npm pkg set type=module, or name the file .mts. If the package has to stay CommonJS, ${useLoader.replace('reprise.config.ts', 'reprise.config.mts')}.`,
  };
}

function nearestManifest(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return /"type"\s*:\s*"module"/.test(readFileSync(path, 'utf8')) ? undefined : path;
    if (dirname(folder) === folder) return undefined;
  }
}
