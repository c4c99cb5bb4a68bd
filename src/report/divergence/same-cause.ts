// Many fixtures that differ by one change: the first of them is shown in full, and each other one in a line.
import { oneLine, wrapped } from '../text/plain-text.ts';
import type { ReplayFacts } from './replay-text.ts';
import { divergenceSentence } from './sentence.ts';

/**
 * The same for all reports that say the same of their causes: of other places in the run, and of other values. Undefined for one
 * that has more to say than that.
 */
export function causeKey(report: ReplayFacts): string | undefined {
  const { verdict, graph, mode, strictness, divergences, roots, isEdited, mayBeRace, refused = [] } = report;
  if (verdict !== 'diverged' || refused.length > 0) return undefined;
  const [first] = found(report);
  const causes = roots.map(({ class: name, mayBe, place }) => [name, mayBe, aboutOf(divergences[place])]);
  return JSON.stringify([graph, mode, strictness, isEdited, mayBeRace, aboutOf(first), causes]);
}

/** `like`: the fixture whose report was shown. */
export function sameCauseText(report: ReplayFacts, like: string): string {
  const [first] = found(report);
  const sentence = first === undefined ? '' : `: ${divergenceSentence(first)}`;
  const text = `${oneLine(report.fixture)}: diverged, the same as in ${oneLine(like)}${sentence}`;
  return `${wrapped(text, '  ').join('\n')}\n`;
}

/** A change of the graph is news only where nothing follows from it. */
function found({ divergences }: ReplayFacts): ReplayFacts['divergences'] {
  const others = divergences.filter(({ kind }) => kind !== 'graph');
  return others.length > 0 ? others : divergences;
}

function aboutOf(divergence: ReplayFacts['divergences'][number] | undefined): unknown {
  if (divergence === undefined) return undefined;
  const { kind, node, path, detail } = divergence;
  const place = path.replaceAll(/\[\d+\]/g, '[]');
  return [kind, node, place, kind === 'graph' ? detail : undefined];
}
