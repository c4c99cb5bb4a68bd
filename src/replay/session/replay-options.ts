import { anyFunction, oneOf, wholeNumber } from '../../base/options/option-kind.ts';
import { either } from '../../base/options/option-parts.ts';
import { optionShape } from '../../base/options/option-shape.ts';
import { compareKind } from '../../diff/value/compare-settings.ts';
import type { CompareSettings } from '../../diff/value/compare-settings.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { RequestRulesOptions } from '../../journal/http/request-rules.ts';
import { redactKind } from '../../journal/redact/rule/redact-option.ts';
import type { RedactOptions } from '../../journal/redact/rule/redaction-rules.ts';
import { rulesKinds } from '../../live/http/options/rules-option.ts';
import type { BodyCut } from '../recorded/cut-bodies.ts';
import type { ReplayMode } from '../world/fixture-world-options.ts';

/**
 * `origins` and `match` are for fixtures of version 1, which do not say by which rules their requests were told apart.
 * Any other fixture is replayed by its own rules, and the report names options that differ from them.
 */
export interface ReplayOptions extends RequestRulesOptions {
  /**
   * `effects` (the default): node code runs, and every effect is answered from the fixture. `outputs`: node code does
   * not run, and recorded outputs are fed in; this checks reducers, edges and routing, and is very fast.
   */
  readonly mode?: ReplayMode;
  /**
   * `strict` (the default) stops after the first step that diverges. `lenient` continues from the recorded value after
   * each divergence, so that independent divergences all show up.
   */
  readonly strictness?: 'strict' | 'lenient';
  /**
   * Where recorded HTTP bodies are split: as `recorded` (the default), at every byte with `bytes`, or into parts of the
   * given number of bytes. The output of a node must not depend on it; if it does, the report names the node.
   */
  readonly cut?: BodyCut;
  /**
   * How often the fixture is replayed; 1 by default. One that diverges is replayed twice in any case: if the two replays
   * differ, the verdict is `not deterministic`.
   */
  readonly repeat?: number;
  /** What is left out of the comparison. The report counts it. */
  readonly compare?: CompareSettings;
  /**
   * `nodes` (the default) refuses what the nodes of this replay try to reach, and nothing else: traffic of the test around
   * it is let alone. A client with a queue of its own may still send for a node in a context that is not the node's; what
   * left in no node's context is in the report as `unattributed`. `process` refuses that too, for the whole process.
   */
  readonly seal?: 'nodes' | 'process';
  /**
   * The rules of the fixture that did not travel with it: functions and lists, by the names that its header has. Everything
   * else is redacted as the fixture was, whatever stands here.
   */
  readonly redact?: RedactOptions;
  /** Told of each step of the replay's own journal as it is compared, redacted as the fixture is. Of the first replay only. */
  readonly onStep?: (step: Pick<CanonicalStep, 'step' | 'entries'>) => void;
}

export const replayOptions = optionShape<ReplayOptions>('replay', {
  mode: oneOf('effects', 'outputs'),
  strictness: oneOf('strict', 'lenient'),
  cut: either(oneOf('recorded', 'bytes'), wholeNumber({ least: 1 })),
  repeat: wholeNumber({ least: 1 }),
  compare: compareKind,
  ...rulesKinds,
  seal: oneOf('nodes', 'process'),
  redact: redactKind,
  onStep: anyFunction,
});
