// Code that waited and was woken by an attempt that it does not belong to, such as the loop of an actor. What it keeps in its
// local variables no function leads to, so it cannot be read, and nothing is proved where there is some.
//   K1. Code belongs to the attempt in whose asynchronous context it made the promise that it waits for, or to none.
//   K2. An attempt wakes it by settling that promise, from a script of the user. So what runs beside the exploration, such as a
//       test, wakes nothing, and neither does the engine.
import { createHook } from 'node:async_hooks';
import type { AsyncHook } from 'node:async_hooks';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';

/** Deep enough to find who settles a promise behind the frames of Node. */
const framesMax = 20;

export class WokenCode {
  readonly #isUserScript: (url: string) => boolean;
  /** Who made a promise, by the number that Node gives it. */
  readonly #makers = new Map<number, CurrentAttempt | undefined>();
  readonly #hook: AsyncHook;
  /** The frames from which it was woken. */
  readonly frames = new Set<string>();

  constructor(isUserScript: (url: string) => boolean) {
    this.#isUserScript = isUserScript;
    this.#hook = createHook({
      init: (id, type) => {
        if (type === 'PROMISE') this.#makers.set(id, currentAttempt.getStore());
      },
      promiseResolve: (id) => this.#settles(id),
    });
  }

  /** V8 is slower with every promise of a process from the first look on. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#hook.enable();
    try {
      return await run();
    } finally {
      this.#hook.disable();
    }
  }

  #settles(id: number): void {
    const attempt = currentAttempt.getStore();
    const maker = this.#makers.get(id);
    const isKnown = maker !== undefined || this.#makers.has(id);
    this.#makers.delete(id);
    if (!isKnown || attempt === undefined || isSame(attempt, maker)) return;
    const frame = this.#userFrame();
    if (frame !== undefined) this.frames.add(frame);
  }

  /** Of the user, if nobody but Node stands before it. */
  #userFrame(): string | undefined {
    const sites = callSites();
    // The hook's own frames end with Node's, which has called it.
    const hooked = sites.findIndex((site) => fileOf(site)?.startsWith('node:internal/async_hooks') === true);
    for (let place = hooked + 1; place < sites.length; place += 1) {
      const site = sites[place] as NodeJS.CallSite;
      const file = fileOf(site);
      if (file === undefined || file.startsWith('node:')) continue;
      return this.#isUserScript(file) ? `at ${String(site)}` : undefined;
    }
    return undefined;
  }
}

function fileOf(site: NodeJS.CallSite): string | undefined {
  const file = site.getFileName();
  return file === null || file === '' ? undefined : file;
}

/** No text is made of frames that nobody asks for: that takes long. */
function callSites(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = framesMax;
  Error.prepareStackTrace = asTheyAre;
  const sites = new Error().stack as unknown as readonly NodeJS.CallSite[];
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return sites;
}

function asTheyAre(_error: Error, sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  return sites;
}

function isSame(attempt: CurrentAttempt, other: CurrentAttempt | undefined): boolean {
  return attempt.at === other?.at && attempt.ambient.quiet === other.ambient.quiet;
}
