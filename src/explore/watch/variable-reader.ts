// Reads every variable that the functions of a graph can reach: of modules and closures, of `globalThis` and
// `process.env`.
//
// Owns: which scopes are read, and under which path. Not its job: how a value becomes text (`value-text.ts`), and what a
// change means (`write-log.ts`).
import { isModuleNamespaceObject } from 'node:util/types';
import type { FunctionScript, RealmInspector, Scope, ScopeVariable } from './inspector.ts';
import { changesOfRealm, listenersOfProcess, processState } from './realm-changes.ts';
import { Identities, valueText } from './value-text.ts';
import type { HeldValue, Reading, VariableName } from './variable.ts';

export interface VariableReaderOptions {
  readonly inspector: RealmInspector;
  /** Whether a script is the user's. Of a package only those closures are read that a variable of the user holds. */
  readonly isUserScript: (url: string) => boolean;
  /** Whether a script is Reprise's. What it puts on the prototypes of the language during runs is no state of theirs. */
  readonly isOwnScript: (url: string) => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface Reached {
  readonly fn: object;
  /** Whether a variable of the user, or the graph itself, holds it. */
  readonly isHeldByUser: boolean;
  /** The variable of the user that leads to it. */
  readonly by?: VariableName | undefined;
}

interface ReadScope {
  readonly script: FunctionScript;
  readonly scope: Scope;
  readonly isUsers: boolean;
  readonly place: string;
  readonly by: VariableName | undefined;
}

interface Pass {
  readonly values: Map<string, HeldValue>;
  readonly unread: Map<string, string>;
  readonly queue: Reached[];
  readonly seen: Set<object>;
  /** The names of scopes that were read. */
  readonly scopes: Set<string>;
}

/** What is read without any function of the graph. */
interface Around {
  readonly globals: Pass;
  readonly environment: Pass;
}

function newPass(): Pass {
  return { values: new Map(), unread: new Map(), queue: [], seen: new Set(), scopes: new Set() };
}

/** What test runners and coverage keep in the realm for themselves. */
const toolGlobal = /^(?:__vi|__coverage__|__VITEST|__tsx|Symbol\(vitest:)/;
/** What `fetch` sends with. What it holds are connections, which no run has; another one in its place is seen. */
const dispatcher = /^Symbol\(undici\.globalDispatcher/;
/** What vite adds to the scope of a module; `__vi_import_0__` and its like are the imports of the module itself. */
const toolVariable = /^__vi(?:te_ssr)?_(?:import__|export|import_meta|dynamic_import)/;
/** Objects of Node itself, which no workflow keeps its state in. A function put in the place of one is seen. */
const nodeGlobals = new Set([
  'process',
  'console',
  'global',
  'globalThis',
  'Buffer',
  'crypto',
  'performance',
  'navigator',
]);

/** Vite has a function of its own for it. */
const lateImports = /\bimport\s*\(|dynamic_import/;
const lateImport = 'imports a module when it is called, whose variables are not reached';

export class VariableReader {
  readonly #inspector: RealmInspector;
  readonly #isUserScript: (url: string) => boolean;
  readonly #isOwnScript: (url: string) => boolean;
  readonly #environment: VariableReaderOptions['environment'];
  readonly #numbers = new Identities();
  /** The names of the scopes of a function. */
  readonly #scopes = new WeakMap<object, readonly string[]>();
  /** Whether a function imports modules when it is called. */
  readonly #late = new WeakMap<object, boolean>();
  readonly #ownScopes = new WeakMap<object, readonly Scope[]>();
  /** Whether a function was made in the scope, and is held by the variable, of that name. */
  readonly #made = new WeakMap<object, Map<string, boolean>>();
  #realm: Around | undefined;

  constructor({ inspector, isUserScript, isOwnScript, environment }: VariableReaderOptions) {
    this.#inspector = inspector;
    this.#isUserScript = isUserScript;
    this.#isOwnScript = isOwnScript;
    this.#environment = environment;
  }

  /**
   * Reads from `roots`. Synchronous, so that nothing happens meanwhile. `withRealm`: globals and the environment too; otherwise
   * they count as what they were when they were last read.
   */
  read(roots: readonly object[], withRealm = true): Reading {
    if (withRealm || this.#realm === undefined) this.#realm = this.#readAround();
    const { globals, environment } = this.#realm;
    const pass: Pass = { ...newPass(), values: new Map(globals.values), unread: new Map(globals.unread) };
    pass.queue.push(...roots.map((fn) => ({ fn, isHeldByUser: true })), ...globals.queue);
    for (let place = 0; place < pass.queue.length; place += 1) {
      const reached = pass.queue[place] as Reached;
      if (!pass.seen.has(reached.fn)) this.#readFunction(reached, pass);
    }
    for (const [path, held] of environment.values) pass.values.set(path, held);
    for (const [path, why] of environment.unread) pass.unread.set(path, why);
    this.#inspector.release();
    return { values: pass.values, unread: pass.unread };
  }

  #readAround(): Around {
    const globals = newPass();
    this.#readGlobals(globals);
    this.#readRealm(globals);
    const environment = newPass();
    // Not by its entries: of those of the process each would be asked for twice.
    for (const name of Reflect.ownKeys(this.#environment)) {
      if (typeof name === 'string')
        this.#keep(
          { file: '', scope: 'process.env', name },
          `env ${name}`,
          this.#environment[name],
          environment,
          false,
        );
    }
    return { globals, environment };
  }

  #readFunction({ fn, isHeldByUser, by }: Reached, pass: Pass): void {
    const { script } = this.#inspector.functionInsides(fn);
    if (script === undefined) return;
    const isUsers = this.#isUserScript(script.url);
    if (!isUsers && !isHeldByUser) return;
    pass.seen.add(fn);
    if (isUsers && this.#importsLate(fn)) pass.unread.set(`function ${nameOf(fn)}`, lateImport);
    // Its scopes stay what they are, so those that another function has led to already need no second look.
    const known = this.#scopes.get(fn);
    if (known?.every((place) => pass.scopes.has(place)) === true) return;
    const places: string[] = [];
    for (const [index, scope] of this.#scopesOf(fn, script, isUsers).entries()) {
      const variables = scope.variables();
      const place = known?.[index] ?? this.#placeOf(fn, index, script, scope, variables);
      places.push(place);
      if (pass.scopes.has(place)) continue;
      pass.scopes.add(place);
      this.#readScope(variables, { script, scope, isUsers, place, by }, pass);
    }
    this.#scopes.set(fn, places);
  }

  #importsLate(fn: object): boolean {
    let isLate = this.#late.get(fn);
    if (isLate === undefined) {
      isLate = lateImports.test(Function.prototype.toString.call(fn));
      this.#late.set(fn, isLate);
    }
    return isLate;
  }

  /** What a function of Reprise closes over is given to it once, so it is asked for once. */
  #scopesOf(fn: object, script: FunctionScript, isUsers: boolean): readonly Scope[] {
    if (isUsers) return script.scopes();
    const known = this.#ownScopes.get(fn);
    if (known !== undefined) return known;
    const scopes = closuresOf(script);
    if (this.#isOwnScript(script.url)) this.#ownScopes.set(fn, scopes);
    return scopes;
  }

  /** A name for a scope. One scope is shared by all functions that were made in it, and V8 gives each a copy of its own. */
  #placeOf(
    fn: object,
    index: number,
    { scriptId }: FunctionScript,
    scope: Scope,
    variables: readonly ScopeVariable[],
  ): string {
    if (scope.description === 'Module') return `module ${scriptId}`;
    return this.#anchorOf(scope, variables) ?? `scope ${index} of ${this.#numbers.of(fn)}`;
  }

  /** What a package keeps for a variable of the user goes by the name of that variable. */
  #readScope(variables: readonly ScopeVariable[], { script, scope, isUsers, place, by }: ReadScope, pass: Pass): void {
    const isOwn = this.#isOwnScript(script.url);
    for (const { name, value } of variables) {
      if (toolVariable.test(name)) continue;
      // What a package exports is not held by the user because a module of the user imports it.
      const isHeldByUser = isUsers && !isNamespace(value);
      const own = { file: script.url, scope: scope.description, name };
      const variable = isUsers || isOwn ? own : (by ?? own);
      this.#keep(variable, `${place} ${name}`, value, pass, isHeldByUser);
    }
  }

  /**
   * Tells a scope from all others, if it can be told: a function that was made in it, and that a variable of it holds.
   * Two calls of one function make two such functions.
   */
  #anchorOf(scope: Scope, variables: readonly ScopeVariable[]): string | undefined {
    const anchor = variables.find(
      ({ name, value }) => typeof value === 'function' && this.#isMadeIn(scope.description, name, value),
    );
    if (anchor === undefined) return undefined;
    return `${anchor.name} ${this.#numbers.of(anchor.value as object)}`;
  }

  /** Where a function was made never changes, so it is looked up once. */
  #isMadeIn(scope: string, name: string, fn: object): boolean {
    const place = `${scope} ${name}`;
    const known = this.#made.get(fn) ?? new Map<string, boolean>();
    let isMade = known.get(place);
    if (isMade === undefined) {
      const scopes = this.#inspector.functionInsides(fn).script?.scopes() ?? [];
      isMade = scopes.some(
        ({ description, variables }) =>
          description === scope && variables().some((own) => own.name === name && own.value === fn),
      );
      this.#made.set(fn, known.set(place, isMade));
    }
    return isMade;
  }

  #readGlobals(pass: Pass): void {
    for (const key of Reflect.ownKeys(globalThis)) {
      const name = String(key);
      const property = Object.getOwnPropertyDescriptor(globalThis, key);
      if (toolGlobal.test(name)) continue;
      if (property?.get !== undefined && this.#isUsers(property.get)) this.#keepGlobal(name, property.get, pass);
      // What cannot be written holds no state: `undefined`, `Infinity`.
      if (property?.writable !== true) continue;
      if (nodeGlobals.has(name) || this.#isBuiltIn(property.value)) continue;
      const value: unknown = dispatcher.test(name) ? this.#numbers.of(property.value as object) : property.value;
      this.#keepGlobal(name, value, pass);
    }
  }

  /**
   * What tools, packages and Reprise put in the place of a function of the language is no state of the program, nor is what
   * Node keeps there in objects of its own.
   */
  #readRealm(pass: Pass): void {
    for (const { name, value, isAdded } of changesOfRealm((key) => toolGlobal.test(key))) {
      if (isAdded) this.#keepGlobal(name, value, pass);
      else if (typeof value === 'function' ? this.#isUsers(value) : Object(value) !== value)
        this.#keepGlobal(name, value, pass);
    }
    for (const { name, value } of processState()) this.#keepGlobal(name, value, pass);
    for (const { name, value } of listenersOfProcess()) if (this.#isUsers(value)) this.#keepGlobal(name, value, pass);
  }

  #keepGlobal(name: string, value: unknown, pass: Pass): void {
    this.#keep({ file: '', scope: 'globalThis', name }, `global ${name}`, value, pass, true);
  }

  #isBuiltIn(value: unknown): boolean {
    if (typeof value === 'object' && value !== null)
      return Object.getOwnPropertyDescriptor(value, Symbol.toStringTag) !== undefined;
    if (typeof value !== 'function') return false;
    return !this.#isUsers(value);
  }

  #isUsers(fn: object): boolean {
    const { script } = this.#inspector.functionInsides(fn);
    return script !== undefined && this.#isUserScript(script.url);
  }

  #keep(variable: VariableName, path: string, value: unknown, pass: Pass, isHeldByUser: boolean): void {
    const isOwn = this.#isOwnScript(variable.file);
    const reached = { isHeldByUser, by: isOwn ? undefined : variable };
    const { text, cut } = valueText(value, this.#numbers, {
      hiddenSlots: (object) => this.#inspector.hiddenSlots(object),
      hasHiddenSlots: (fn) => this.#inspector.functionInsides(fn).hasHiddenSlots,
      isUsers: (fn) => this.#isUsers(fn),
      onFunction: (fn) => pass.queue.push({ fn, ...reached }),
      onMethod: (fn) => {
        const { script } = this.#inspector.functionInsides(fn);
        if (script !== undefined && !this.#isOwnScript(script.url)) pass.queue.push({ fn, ...reached });
      },
    });
    // Reprise's own closures lead to functions of the user, and hold no state of theirs.
    if (isOwn) return;
    if (cut !== undefined) pass.unread.set(path, cut);
    pass.values.set(path, { variable, text });
  }
}

/** The closures of a function of a package, without the scope of its module: that of a CommonJS module is a closure too. */
function closuresOf(script: FunctionScript): readonly Scope[] {
  const scopes = script.scopes();
  const closures = scopes.filter(({ description }) => /^(?:Closure|Block|Catch)/.test(description));
  return scopes.some(({ description }) => description === 'Module') ? closures : closures.slice(0, -1);
}

function nameOf(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' && name !== '' ? name : 'without a name';
}

function isNamespace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    isModuleNamespaceObject(value) || Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module'
  );
}
