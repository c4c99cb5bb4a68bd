// The loaders of this process: what they start, to turn a module of the user into JavaScript, is no try to reach anything.
//   L1. A call is a loader's if its own code, or that of a compiler it came with, made it. Code of the user that a loader
//       runs has its own frame in between, and is no loader's.

/** Compilers that loaders start as a process of their own. */
const compilers = ['esbuild', '@esbuild', '@swc'];
const loaderFlag = /^(?:--import|--require|-r|--loader|--experimental-loader)$/;

/** Whether the innermost frame of a stack is a loader's. */
export function isOfLoader(frames: readonly string[]): boolean {
  const [innermost = ''] = frames;
  const [, name] = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(innermost) ?? [];
  return name !== undefined && loaderPackages().has(name.replace('\\', '/'));
}

let known: ReadonlySet<string> | undefined;
/** Started by this program itself. */
const started = new Set<string>();

/** Counts these among the loaders of the process, from before they start. */
export function exemptLoaders(specifiers: readonly string[]): void {
  for (const specifier of specifiers) started.add(packageOf(specifier));
  known = undefined;
}

/** Named on the command line of this process or in its environment, or started since. */
function loaderPackages(): ReadonlySet<string> {
  if (known === undefined) {
    const words = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
    const named = words
      .flatMap((word) => word.split('='))
      .filter((_word, index, all) => loaderFlag.test(all[index - 1] ?? ''))
      .map(packageOf)
      .concat(...started);
    known = new Set(named.length === 0 ? [] : [...named, ...compilers]);
  }
  return known;
}

/** The package of `tsx`, `tsx/esm`, or the address of a file in it. */
function packageOf(specifier: string): string {
  const place = specifier.lastIndexOf('node_modules/');
  const inside = place < 0 ? specifier : specifier.slice(place + 'node_modules/'.length);
  const [first = '', second = ''] = inside.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
