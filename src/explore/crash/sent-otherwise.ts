// What left more often, or less often, because a process died.
import { NodesOf } from '../run/uncontrolled.ts';
import { requestText } from '../../report/text/request-text.ts';
import type { SentOtherwise } from '../../report/explore/explore-facts.ts';
import type { CrashedRun } from './crashed-run.ts';
import type { SentRequest } from './sent-requests.ts';

export function sentOtherwise(whole: CrashedRun, run: CrashedRun): readonly SentOtherwise[] {
  const [usual, sent] = [byLikeness(whole), byLikeness(run)];
  const nodes = new NodesOf([...whole.steps, ...run.steps]);
  return [...new Set([...usual.keys(), ...sent.keys()])].flatMap((like) => {
    const [before, after] = [usual.get(like) ?? [], sent.get(like) ?? []];
    const [first] = [...after, ...before];
    if (first === undefined || before.length === after.length) return [];
    const { event, effect } = first;
    const asked = requestText(effect);
    const keys = new Set(after.map(({ idempotencyKey }) => idempotencyKey)).size > 1 ? 'different' : 'same';
    const times = { times: after.length, usual: before.length };
    return [{ event, node: nodes.of(event), ...(asked === undefined ? {} : { asked }), ...times, keys }];
  });
}

function byLikeness({ sent }: CrashedRun): ReadonlyMap<string, readonly SentRequest[]> {
  const all = new Map<string, SentRequest[]>();
  for (const request of sent) {
    const known = all.get(request.like);
    if (known === undefined) all.set(request.like, [request]);
    else known.push(request);
  }
  return all;
}
