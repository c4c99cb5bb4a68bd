// What JavaScript cannot read of its own values, read by V8's inspector in this process: the scopes of a function,
// private fields, the entries of weak maps, where a generator stands, what lies behind a proxy.
//
// Nothing here runs code of the user: no getter, no trap, no `toString`.
import { Session } from 'node:inspector';
import { entriesOf, toldByNode } from './hidden-slot.ts';
import type { HiddenSlot } from './hidden-slot.ts';

export interface ScopeVariable {
  readonly name: string;
  readonly value: unknown;
}

export interface Scope {
  /** `Module`, `Closure`, `Block`, `Script`, …, as V8 names it, with the function where there is one. */
  readonly description: string;
  variables(): readonly ScopeVariable[];
}

export interface FunctionInsides {
  /** Missing for native and bound functions. */
  readonly script?: FunctionScript;
  /** Whether it is bound, or a class with private static fields. */
  readonly hasHiddenSlots: boolean;
}

export interface FunctionScript {
  /** Tells the scripts of two copies of one file apart. */
  readonly scriptId: string;
  /** Empty for code that was made by `eval`. */
  readonly url: string;
  /** Innermost first, without the global one. Read with each call: V8 gives a copy of what a scope holds. */
  scopes(): readonly Scope[];
}

interface RemoteObject {
  readonly type: string;
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
}
interface RemoteProperty {
  readonly name: string;
  readonly value?: RemoteObject;
}
interface RemoteProperties {
  readonly result: readonly RemoteProperty[];
  readonly internalProperties?: readonly RemoteProperty[];
  readonly privateProperties?: readonly RemoteProperty[];
}

/** How V8 lists a scope. */
interface ListedScope {
  readonly description: string;
  /** A copy of its variables. */
  readonly object: object;
}

/** A value that a variable has before its declaration has run. */
export const uninitialised = Symbol('uninitialised');

/** V8 keeps some scripts of Node itself to itself. */
const untoldScript = 'node:untold';

const holderName = '@@reprise-inspector';
const lasting = 'reprise-lasting';
const passing = 'reprise-passing';

/** The slots that hold what a program put there. Others, such as `[[Prototype]]`, are read elsewhere or mean nothing. */
const toldSlots = new Set([
  '[[BoundThis]]',
  '[[TargetFunction]]',
  '[[Target]]',
  '[[Handler]]',
  '[[PromiseState]]',
  '[[PromiseResult]]',
  '[[GeneratorState]]',
  '[[PrimitiveValue]]',
  '[[WeakRefTarget]]',
]);

/** What never changes of a function. */
interface KnownFunction {
  readonly scriptId: string | undefined;
  readonly hasHiddenSlots: boolean;
}
const knownFunctions = new WeakMap<object, KnownFunction>();
/** By script: V8 gives each a number of its own. To ask it takes long. */
const urls = new Map<string, string>();

export class RealmInspector {
  readonly #session = new Session();
  readonly #functions = new WeakMap<object, FunctionInsides>();
  /** Objects without hidden slots. Private fields come with construction, so they never get any. */
  readonly #plain = new WeakSet<object>();
  /** Carries values to the inspector and back: an object that both sides know. */
  readonly #holder: { values: readonly unknown[] } = { values: [] };
  readonly #holderId: string;

  private constructor() {
    this.#session.connect();
    this.#session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    const globals = globalThis as Record<string, unknown>;
    Object.defineProperty(globals, holderName, { value: this.#holder, configurable: true });
    try {
      const { result } = this.#post<{ result: RemoteObject }>('Runtime.evaluate', {
        expression: `globalThis[${JSON.stringify(holderName)}]`,
        objectGroup: lasting,
      });
      this.#holderId = result.objectId ?? '';
    } finally {
      delete globals[holderName];
    }
  }

  /** An inspector of this realm, or the reason why its variables cannot be read. */
  static open(): RealmInspector | { readonly reason: string } {
    if (typeof Session !== 'function') return { reason: 'this runtime has no inspector' };
    let inspector: RealmInspector;
    try {
      inspector = new RealmInspector();
    } catch (error) {
      return { reason: `the inspector cannot be used here: ${error instanceof Error ? error.message : 'it failed'}` };
    }
    if (inspector.#holderId !== '' && inspector.#answers()) return inspector;
    inspector.close();
    return { reason: 'the inspector looks into another realm than this one' };
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Lets go of what was looked at since the last call, but for the scopes of functions. */
  release(): void {
    this.#holder.values = [];
    this.#post('Runtime.releaseObjectGroup', { objectGroup: passing });
  }

  functionInsides(fn: object): FunctionInsides {
    const known = this.#functions.get(fn);
    if (known !== undefined) return known;
    const insides = this.#readFunction(fn);
    this.#functions.set(fn, insides);
    return insides;
  }

  /** What a value holds in slots that are no properties: of a generator also the variables of its body. */
  hiddenSlots(value: object): readonly HiddenSlot[] {
    const told = toldByNode(value);
    if (this.#plain.has(value)) return told;
    const entries = entriesOf(value);
    if (entries !== undefined) return entries;
    const { internalProperties = [], privateProperties = [] } = this.#properties(this.#remote(value, passing));
    if (privateProperties.length === 0 && internalProperties.every(({ name }) => name === '[[Prototype]]'))
      this.#plain.add(value);
    const slots: RemoteProperty[] = [];
    const locals: ScopeVariable[] = [];
    for (const property of privateProperties) {
      if (property.value !== undefined && property.value.type !== 'function') slots.push(property);
    }
    const isGenerator = internalProperties.some(({ name }) => name === '[[GeneratorState]]');
    for (const property of internalProperties) {
      if (toldSlots.has(property.name)) slots.push(property);
      // V8 makes a list of them for each who asks.
      if (property.name === '[[BoundArgs]]') slots.push(...this.#listed(property.value?.objectId ?? ''));
      if (property.name === '[[Entries]]') slots.push(...this.#entries(property));
      if (isGenerator && property.name === '[[Scopes]]') {
        for (const scope of this.#scopes(property)) {
          // The variables of its body; what lies around it belongs to its function.
          if (!/^(?:Local|Block|Catch)/.test(scope.description)) break;
          locals.push(...scope.variables());
        }
      }
    }
    const values = this.#locals(slots.map(({ value }) => value));
    return [...told, ...slots.map(({ name }, index) => ({ name, value: values[index] })), ...locals];
  }

  #answers(): boolean {
    const probe = {};
    return this.#locals([{ type: 'object', objectId: this.#remote(probe, passing) }])[0] === probe;
  }

  #readFunction(fn: object): FunctionInsides {
    const known = knownFunctions.get(fn) ?? this.#know(fn);
    const { scriptId, hasHiddenSlots } = known;
    if (scriptId === undefined) return { hasHiddenSlots };
    let id: string | undefined;
    const scopes = (): readonly Scope[] => {
      id ??= this.#remote(fn, lasting);
      return this.#scopesOf(id);
    };
    return { script: { scriptId, url: this.#urlOf(scriptId), scopes }, hasHiddenSlots };
  }

  #know(fn: object): KnownFunction {
    const { internalProperties = [], privateProperties = [] } = this.#properties(this.#remote(fn, passing));
    const hasHiddenSlots = privateProperties.length > 0 || internalProperties.some(({ name }) => toldSlots.has(name));
    const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
    const known = { scriptId: (location as { scriptId: string } | undefined)?.scriptId, hasHiddenSlots };
    knownFunctions.set(fn, known);
    return known;
  }

  #scopesOf(functionId: string): readonly Scope[] {
    const list = this.#properties(functionId).internalProperties?.find(({ name }) => name === '[[Scopes]]');
    return list === undefined ? [] : this.#scopes(list).filter(({ description }) => !description.startsWith('Global'));
  }

  #urlOf(scriptId: string): string {
    const known = urls.get(scriptId);
    if (known !== undefined) return known;
    // V8 tells of all scripts when a debugger attaches; one that stays attached would slow the process down.
    this.#post('Debugger.enable', {});
    this.#post('Debugger.disable', {});
    const url = urls.get(scriptId) ?? untoldScript;
    urls.set(scriptId, url);
    return url;
  }

  /** V8 lists them as objects that hold the values themselves: read so, no value is described on the way, source and all. */
  #scopes({ value }: RemoteProperty): readonly Scope[] {
    if (value?.objectId === undefined) return [];
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#holderId,
      functionDeclaration: 'function (list) { this.values = list; }',
      arguments: [{ objectId: value.objectId }],
      objectGroup: passing,
    });
    return Array.from(this.#holder.values as readonly ListedScope[], ({ description, object }) => ({
      description,
      variables: () => variablesOf(object),
    }));
  }

  #listed(objectId: string): readonly RemoteProperty[] {
    return this.#properties(objectId).result;
  }

  /** The entries of a map, a set or a weak collection, each as its key and its value. */
  #entries({ value }: RemoteProperty): RemoteProperty[] {
    if (value?.objectId === undefined) return [];
    return this.#listed(value.objectId).flatMap((entry) => {
      if (!/^\d+$/.test(entry.name) || entry.value?.objectId === undefined) return [];
      return this.#listed(entry.value.objectId).filter(({ name }) => name === 'key' || name === 'value');
    });
  }

  /** What is found belongs to the group of what it was found in. */
  #properties(objectId: string): RemoteProperties {
    return this.#post('Runtime.getProperties', { objectId, ownProperties: true, generatePreview: false });
  }

  /** The inspector's name for a value of this realm. */
  #remote(value: unknown, group: string): string {
    this.#holder.values = [value];
    const { result } = this.#post<{ result: RemoteObject }>('Runtime.callFunctionOn', {
      objectId: this.#holderId,
      functionDeclaration: 'function () { return this.values[0]; }',
      objectGroup: group,
    });
    return result.objectId ?? '';
  }

  /** The values themselves, in this very realm. */
  #locals(remotes: readonly (RemoteObject | undefined)[]): readonly unknown[] {
    const locals: unknown[] = remotes.map((remote) => (remote === undefined ? uninitialised : plainValue(remote)));
    const held = remotes.flatMap((remote, index) => (remote?.objectId === undefined ? [] : [{ index, remote }]));
    if (held.length === 0) return locals;
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#holderId,
      functionDeclaration: 'function (...values) { this.values = values; }',
      arguments: held.map(({ remote }) => ({ objectId: remote.objectId })),
      objectGroup: passing,
    });
    const { values } = this.#holder;
    held.forEach(({ index }, place) => {
      locals[index] = values[place];
    });
    return locals;
  }

  #post<Answer = unknown>(method: string, params: object): Answer {
    let answer: unknown;
    let failure: Error | null = null;
    this.#session.post(method, params, (error: Error | null, result?: object) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw new Error(`${method}: ${(failure as Error).message}`);
    return answer as Answer;
  }
}

function variablesOf(scope: object): readonly ScopeVariable[] {
  return Object.keys(scope).map((name) => ({ name, value: valueIn(scope, name) }));
}

/** V8 throws where the declaration has not run yet. */
function valueIn(scope: object, name: string): unknown {
  try {
    return Object.getOwnPropertyDescriptor(scope, name)?.value;
  } catch {
    return uninitialised;
  }
}

function plainValue(remote: RemoteObject): unknown {
  if (remote.unserializableValue === undefined) return remote.value;
  const text = remote.unserializableValue;
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}
