// A watch over everything that a graph's functions can reach outside of the journal.
import type { GraphSpec } from '../../graph/spec.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import { functionsOf } from './graph-functions.ts';
import { RealmInspector } from './inspector.ts';
import { isUserScript } from './user-script.ts';
import type { Reading, VariableChange } from './variable.ts';
import { changesBetween } from './variable.ts';
import { VariableReader } from './variable-reader.ts';
import { WokenCode } from './woken-code.ts';

/** What no watch sees, to be printed with whatever it proves. */
export const watchLimits = [
  'what packages keep to themselves',
  'private fields that a class puts on plain objects',
  'native code and the settings of Node itself',
  'files and all else outside of the process',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

export class Watch {
  readonly #inspector: RealmInspector;
  readonly #reader: VariableReader;
  readonly #woken: WokenCode;
  readonly #roots: readonly object[];
  #last: Reading;

  private constructor(inspector: RealmInspector, spec: GraphSpec, environment: Environment) {
    this.#inspector = inspector;
    const scripts = { isUserScript: remembered(isUserScript), isOwnScript: remembered(liveSourcePaths.isOwn) };
    this.#reader = new VariableReader({ inspector, ...scripts, environment });
    this.#woken = new WokenCode(scripts.isUserScript);
    this.#roots = functionsOf(spec);
    this.#last = this.#reader.read(this.#roots);
  }

  /** Begins to watch, or says why the variables of this process cannot be read. */
  static open(spec: GraphSpec, environment: Environment): Watch | { readonly reason: string } {
    const inspector = RealmInspector.open();
    return 'reason' in inspector ? inspector : new Watch(inspector, spec, environment);
  }

  /** What was read last. */
  get reading(): Reading {
    return this.#last;
  }

  /** What has changed since the last look. `withRealm`: in globals and the environment too. */
  look(withRealm = true): readonly VariableChange[] {
    const before = this.#last;
    this.#last = this.#reader.read(this.#roots, withRealm);
    return changesBetween(before, this.#last);
  }

  /** A run of the graph whose variables are looked at. */
  during<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#woken.during(run);
  }

  /** Where code waited that an attempt has woken to which it does not belong. */
  get woken(): ReadonlySet<string> {
    return this.#woken.frames;
  }

  close(): void {
    this.#inspector.close();
  }
}

/** Whose a script is never changes, and each look asks for it again. */
function remembered(isOne: (url: string) => boolean): (url: string) => boolean {
  const known = new Map<string, boolean>();
  return (url) => {
    let is = known.get(url);
    if (is === undefined) {
      is = isOne(url);
      known.set(url, is);
    }
    return is;
  };
}
