// Puts up all doors of this process while somebody needs them.
//   D1. They stand below those of HTTP interception, which is installed after them: what it answers never comes here.
import { syncBuiltinESMExports } from 'node:module';
import { liveRejections } from '../rejections.ts';
import { watchThrows } from '../throws.ts';
import { openClientRequestDoor } from './door/client-request-door.ts';
import { openDescriptorDoors } from './door/descriptor-doors.ts';
import { openFunctionDoors } from './door/function-doors.ts';
import { DispatcherCopies } from './dispatcher-copies.ts';
import { openHttp2Doors } from './door/http2-door.ts';
import { hasLoadedMore, watchLoading } from './loaded-packages.ts';
import { allOf } from './outside-door.ts';
import type { OutsideDoor } from './outside-door.ts';
import { openMessageDoors } from './door/message-doors.ts';
import { PackageDoors } from './door/package-doors.ts';
import { openSocketDoors } from './door/socket-door.ts';
import { openUndiciDoors } from './door/undici-door.ts';
import { openWriteTripwire } from './write-tripwire.ts';

let userCount = 0;
let opened: { readonly close: OutsideDoor; readonly refresh: () => void } | undefined;

/** Puts the doors up; the returned function says that this caller needs them no more. */
export function putUpDoors(): () => void {
  userCount += 1;
  opened ??= open();
  opened.refresh();
  let isUsed = true;
  return () => {
    if (!isUsed) return;
    isUsed = false;
    userCount -= 1;
    if (userCount > 0) return;
    opened?.close();
    opened = undefined;
  };
}

function open(): NonNullable<typeof opened> {
  const copies = new DispatcherCopies();
  const packages = new PackageDoors();
  const closeAll = allOf([
    // The probe of HTTP/2 comes first, while nothing is guarded.
    openHttp2Doors(),
    openFunctionDoors(),
    openMessageDoors(),
    openDescriptorDoors(),
    openWriteTripwire(),
    openSocketDoors(),
    openClientRequestDoor(),
    openUndiciDoors(copies),
    () => packages.release(),
    watchLoading(),
  ]);
  syncBuiltinESMExports();
  return {
    close: () => {
      closeAll();
      syncBuiltinESMExports();
    },
    refresh: () => {
      if (!hasLoadedMore()) return;
      copies.find();
      packages.find();
    },
  };
}

const lingering = new FinalizationRegistry<() => void>((takeDown) => takeDown());

/**
 * Puts the doors up for as long as code can run that holds `owner`. What a node leaves behind (a timer, an open promise) may
 * try to send long after its run has ended, and its asynchronous context holds its attempt. What it throws then must not end
 * the process.
 */
export function putUpDoorsFor(owner: object): void {
  lingering.register(owner, allOf([putUpDoors(), watchThrows(), liveRejections.watch()]));
}
