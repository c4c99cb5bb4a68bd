// Runs the compilers that users have on source texts, in a folder of its own.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Compiler {
  readonly name: string;
  readonly path: string;
}

export const compilers: readonly Compiler[] = [
  { name: 'TypeScript 7', path: join(root, 'node_modules/typescript/bin/tsc') },
  { name: 'TypeScript 5.9', path: join(root, 'node_modules/typescript-5.9/bin/tsc') },
];

export interface CompileOptions {
  /** By file name. They import the project's source as `./src/…`. */
  readonly files: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Also reads back this file, which the compiler made. */
  readonly made?: string;
}

export interface Compiled {
  readonly output: string;
  readonly made?: string;
}

/** What the compiler says, without colours, with the lines that say where an expected type comes from. */
export function compile(compiler: Compiler, { files, options = {}, made }: CompileOptions): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-types-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      readonly compilerOptions: Readonly<Record<string, unknown>>;
    };
    const include = Object.keys(files);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include }),
    );
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const output = run(compiler, folder);
    return made === undefined ? { output } : { output, made: readFileSync(join(folder, made), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(compiler: Compiler, folder: string): string {
  try {
    return plain(
      execFileSync(process.execPath, [compiler.path, '-p', folder, '--pretty'], { encoding: 'utf8', cwd: folder }),
    );
  } catch (thrown) {
    return plain((thrown as { readonly stdout: string }).stdout);
  }
}

function plain(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that colours begin with
  return output.replaceAll(/\u001b\[\d+m/g, '');
}
