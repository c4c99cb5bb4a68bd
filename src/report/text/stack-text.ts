// Where an error came from, for people: the frames of the user's own code.
import type { Value } from '../../base/value.ts';
import type { Stacks } from '../../journal/entry.ts';
import { errorsIn, userFrames } from '../../journal/error/stacks.ts';
import { oneLine, reportWidth, shortened } from './plain-text.ts';
import { valueText } from './value-text.ts';

const framesShownMax = 5;
const errorsShownMax = 4;

/** The first frame of the user's code in the stack of an error that a run gave, without its `at`. */
export function placeOfError({ name, message, stack = '' }: Error): string | undefined {
  const frames = stack.slice(name.length + message.length).replaceAll(/^ +/gm, '');
  const [frame] = userFrames(frames);
  return frame === undefined ? undefined : shortened(oneLine(frame.replace(/^at /, '')), reportWidth - 10);
}

/** The frames of an error, and below them those of its causes, each with its text. */
export function stackLines(error: Value, stacks: Stacks | undefined): readonly string[] {
  if (stacks === undefined) return [];
  const traced = [...errorsIn(error)]
    .map((each, place) => ({ each, place, frames: userFrames(stacks[place] ?? '') }))
    .filter(({ frames }) => frames.length > 0)
    .slice(0, errorsShownMax);
  return traced.flatMap(({ each, place, frames }) => [
    ...(place === 0 ? [] : [`caused by ${valueText(each, reportWidth - 20)}`]),
    ...frames.slice(0, framesShownMax).map((frame) => shortened(oneLine(frame), reportWidth - 10)),
  ]);
}
