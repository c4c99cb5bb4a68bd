// What surrounds all runs of an exploration, as it does a replay.
import { noOptions } from '../../base/options/option-shape.ts';
import type { RunHost } from '../../engine/host/run-host.ts';
import { installAmbientReads } from '../../live/ambient/ambient-reads.ts';
import { watchWork } from '../../live/event-loop/node-work.ts';
import { installInterception } from '../../live/http/interception.ts';
import { installPlaceholders } from '../../live/placeholders.ts';
import { installNodeTimers } from '../../live/timers/node-timers.ts';
import type { ReplaySeal } from '../../replay/session/replay-seal.ts';
import type { Subject } from '../subject/subject.ts';

export function surround({ fixture, recorded }: Subject, seal: ReplaySeal) {
  const restores = [watchWork(), installAmbientReads(), installNodeTimers()];
  if (fixture !== undefined) restores.push(seal.close('nodes'), installPlaceholders());
  const install = (host: RunHost): (() => void) => installInterception(noOptions, host, recorded?.rules);
  // Stays while no run is under way, so that nothing is patched for each of them.
  restores.push(installInterception(noOptions, { noteUnattributed: () => undefined }, recorded?.rules));
  return {
    install,
    [Symbol.dispose](): void {
      for (const restore of restores.reverse()) restore();
    },
  };
}
