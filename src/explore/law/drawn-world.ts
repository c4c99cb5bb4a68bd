// A world that answers effects with drawn answers, and lets nothing out. Nothing in it takes time.
import { digestOf } from '../../base/digest.ts';
import { RepriseError } from '../../base/error.ts';
import { canonicalTextOf } from '../../base/canonical-json.ts';
import type { Value } from '../../base/value.ts';
import type { AttemptResult, EffectOutcome, EffectRef, OutcomeFacts, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, cleanUpKey, taskKey } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { Seal } from '../../port/seal.ts';
import type {
  Answer,
  AnsweredBefore,
  AttemptWorld,
  RecordedReads,
  RecordedTimers,
  StepPlan,
  StepResult,
  TaskWorld,
  World,
} from '../../port/world.ts';

/** An answer that a drawn run gives to an effect: a recorded one, or one of the same shape. */
export interface DrawnAnswer {
  readonly outcome: EffectOutcome;
  readonly facts?: OutcomeFacts;
}

/** By `answerKeyIn`. Each has at least one. */
export type DrawnAnswers = ReadonlyMap<string, readonly DrawnAnswer[]>;

/** Effects that are alike get their answers from one list. */
export function answerKey({ type, name, request }: Pick<EffectRef, 'type' | 'name' | 'request'>): string {
  if (type !== 'http') return `${type} ${name}`;
  const { method, origin, path } = request as { readonly [part: string]: Value };
  return `http ${String(method)} ${String(origin)}${String(path)}`;
}

/** As the effect of a node, which may ask one endpoint for something else than other nodes do. */
export function answerKeyIn(node: string, ref: Pick<EffectRef, 'type' | 'name' | 'request'>): string {
  return `${node}: ${answerKey(ref)}`;
}

/** Effects that the outside answers. The others only take time. */
export function isAnswered({ type }: Pick<EffectRef, 'type'>): boolean {
  return type !== 'now' && type !== 'sleep' && type !== 'race';
}

export class DrawnWorld implements World {
  readonly seal: Seal;
  readonly quiet: Quiet;
  readonly #answers: DrawnAnswers;

  constructor(answers: DrawnAnswers, seal: Seal, quiet: Quiet) {
    this.#answers = answers;
    this.seal = seal;
    this.quiet = quiet;
  }

  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
    return { kind: 'run', tasks: tasks.map(({ node }, rank) => new DrawnTask(this, node, taskKey(at, rank))) };
  }

  closeStep(step: StepResult): StepResult {
    return step;
  }

  /** The same for the same request: which one it is follows from what is asked for, never from when. */
  answer(node: string, ref: EffectRef): Answer {
    const answers = this.#answers.get(answerKeyIn(node, ref)) ?? this.#anyAnswers(ref);
    if (answers === undefined) {
      // A question that nobody answers pauses the run, as it would.
      if (!isAnswered(ref) || ref.type === 'ask' || ref.type === 'receive') return { kind: 'perform' };
      return { kind: 'refused', error: unknownEffect(ref) };
    }
    const place = Number.parseInt(digestOf(canonicalTextOf(ref.request)).slice(0, 8), 16) + ref.occurrence;
    return { kind: 'answered', ...(answers[place % answers.length] as DrawnAnswer) };
  }

  /** What another node got. */
  #anyAnswers(ref: EffectRef): readonly DrawnAnswer[] | undefined {
    const end = `: ${answerKey(ref)}`;
    for (const [key, answers] of this.#answers) if (key.endsWith(end)) return answers;
    return undefined;
  }
}

function unknownEffect(ref: EffectRef): RepriseError {
  return new RepriseError('effect-missing', `nothing was recorded that could answer ${answerKey(ref)}`, {
    nextStep: 'Name a recorded run in which it was answered.',
    fields: { type: ref.type, name: ref.name },
  });
}

class DrawnTask implements TaskWorld {
  readonly #world: DrawnWorld;
  readonly #node: string;
  readonly #key: TaskKey;
  constructor(world: DrawnWorld, node: string, key: TaskKey) {
    this.#world = world;
    this.#node = node;
    this.#key = key;
  }
  attempt(number: number): AttemptWorld {
    return new DrawnAttempt(this.#world, this.#node, attemptKey(this.#key, number));
  }
}

class DrawnAttempt implements AttemptWorld {
  readonly drawKey: AttemptKey;
  readonly reads: RecordedReads = { entryCount: 0, entries: [], beyond: 'derived' };
  readonly timers: RecordedTimers = { firings: [], entryCount: 0, isReplay: true };
  readonly asksFirst = true;
  readonly #world: DrawnWorld;
  readonly #node: string;

  constructor(world: DrawnWorld, node: string, drawKey: AttemptKey) {
    this.#world = world;
    this.#node = node;
    this.drawKey = drawKey;
  }
  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    return kept ?? this.#world.answer(this.#node, ref);
  }
  answerLate(ref: EffectRef): Answer {
    return this.#world.answer(this.#node, ref);
  }
  run(node: () => unknown): unknown {
    return node();
  }
  settle(result: AttemptResult): AttemptResult {
    return result;
  }
  /** Every answer comes at once, so only an attempt that waits for nothing times out. */
  watch(_timeoutMs: number, expire: () => void): () => void {
    return this.#world.quiet.when({ rank: 'unmet', due: Number.MAX_SAFE_INTEGER, go: expire });
  }
  cleanUp(number: number): AttemptWorld {
    return new DrawnAttempt(this.#world, this.#node, cleanUpKey(this.drawKey, number));
  }
}
