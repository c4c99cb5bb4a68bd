// Loads fast-check only when arbitrary cases are drawn, so that `reprise/explore` can be imported without it.
import { createRequire } from 'node:module';
import { RepriseError, messageOf } from '../base/error.ts';
import { ownAddress } from '../base/own-address.ts';

export type FastCheck = typeof import('fast-check');

/** @throws RepriseError `peer-missing` */
export function loadFastCheck(load: () => unknown = requireFastCheck): FastCheck {
  try {
    return load() as FastCheck;
  } catch (cause) {
    const isAbsent = (cause as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND';
    const what = isAbsent ? 'is not installed' : `cannot be loaded: ${messageOf(cause)}`;
    throw new RepriseError('peer-missing', `arbitrary cases need the package fast-check, which ${what}`, {
      nextStep: 'npm install --save-dev fast-check@4',
      cause,
    });
  }
}

function requireFastCheck(): unknown {
  return createRequire(ownAddress)('fast-check');
}
