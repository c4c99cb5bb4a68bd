// The doors of pipes and sockets that are written to by the number of their descriptor, past their streams. Files are no part
// of a seal, and the standard streams pass.
import fs from 'node:fs';
import { currentAttempt } from '../../../port/attempt.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { refusalTo } from '../outside-rules.ts';

const writers = ['write', 'writev', 'writeFile', 'appendFile'].flatMap((name) => [name, `${name}Sync`]);

export function openDescriptorDoors(): OutsideDoor {
  return allOf(writers.map(writerDoor));
}

function writerDoor(name: string): OutsideDoor {
  return replace(fs, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const attempt = currentAttempt.getStore();
      if (attempt === undefined || !leadsOut(given[0])) return original.apply(this, given);
      const what = (): string => `a write to descriptor ${String(given[0])}`;
      const refusal = refusalTo(attempt, { what, host: what, bytes: 0 }, door);
      if (refusal !== undefined) throw refusal;
      return original.apply(this, given);
    };
    return door;
  });
}

const lastStandardStream = 2;

function leadsOut(descriptor: unknown): boolean {
  if (typeof descriptor !== 'number' || descriptor <= lastStandardStream) return false;
  try {
    const found = fs.fstatSync(descriptor);
    return found.isFIFO() || found.isSocket();
  } catch {
    // It fails by itself.
    return false;
  }
}
