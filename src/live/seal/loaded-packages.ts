// Finds the classes of packages that this process has loaded, in as many copies as there are. Copies inside a bundle are not
// found.
import { tracingChannel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { OutsideDoor } from './outside-door.ts';
import { ownAddress } from '../../base/own-address.ts';

let isStale = true;
const loaded = {
  end: () => {
    isStale = true;
  },
};

/** Notices when further modules are loaded. */
export function watchLoading(): OutsideDoor {
  isStale = true;
  const channels = [tracingChannel('module.require'), tracingChannel('module.import')];
  for (const channel of channels) channel.subscribe(loaded as never);
  return () => {
    for (const channel of channels) channel.unsubscribe(loaded as never);
  };
}

/** Whether modules were loaded since this was last asked. */
export function hasLoadedMore(): boolean {
  const was = isStale;
  isStale = false;
  return was;
}

/** The prototypes of the classes that modules with such a path export. */
export function prototypesIn(file: RegExp): readonly object[] {
  const { cache } = createRequire(ownAddress);
  return Object.keys(cache)
    .filter((path) => file.test(path))
    .map((path) => (cache[path]?.exports as { readonly prototype?: object } | undefined)?.prototype)
    .filter((prototype) => prototype !== undefined);
}
