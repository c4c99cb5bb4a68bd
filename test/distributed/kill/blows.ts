// What is done to workers, to their server and to the way between them.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestPooler } from '../pooler.ts';
import type { TestProxy } from '../proxy.ts';
import type { TestServer } from '../server.ts';
import { leaseMs } from './busy-worker.ts';

export interface Scene {
  readonly server: TestServer;
  readonly proxy: TestProxy;
  pooler: TestPooler | undefined;
  readonly workers: ChildProcess[];
  startWorker(): void;
  /** The same kind of pooler again, at the same place. */
  restartPooler(): Promise<void>;
  /** A number from 0 to below `end`. */
  draw(end: number): number;
}

async function stopServer({ server, draw }: Scene, mode: 'fast' | 'immediate' | 'kill'): Promise<void> {
  await server.stop(mode);
  await pause(draw(300));
  await server.start();
}

function removed({ workers, draw }: Scene): ChildProcess | undefined {
  return workers.splice(draw(workers.length), 1)[0];
}

/** By name. How often each comes up says its weight. */
const blows = {
  'a worker is killed': async (scene: Scene) => {
    removed(scene)?.kill('SIGKILL');
    await pause(scene.draw(200));
    scene.startWorker();
  },
  'a worker is stopped for longer than its lease': async (scene: Scene) => {
    const worker = removed(scene);
    scene.startWorker();
    worker?.kill('SIGSTOP');
    await pause(leaseMs + 200 + scene.draw(500));
    worker?.kill('SIGCONT');
    // It goes out of date, finds out, and is let go.
    await pause(300);
    worker?.kill('SIGKILL');
  },
  'a worker drains': async (scene: Scene) => {
    removed(scene)?.kill('SIGTERM');
    scene.startWorker();
  },
  'connections are cut': async ({ proxy, draw }: Scene) => {
    for (let time = 0; time <= draw(5); time += 1) {
      proxy.cut();
      await pause(draw(40));
    }
  },
  'the way is silent': async ({ proxy, draw }: Scene) => {
    proxy.isSilent = true;
    await pause(500 + draw(5_500));
    proxy.isSilent = false;
    // What was on its way is lost, so both sides have to notice.
    proxy.cut();
  },
  'the server stops': (scene: Scene) => stopServer(scene, 'fast'),
  'the server crashes': (scene: Scene) => stopServer(scene, 'immediate'),
  'the server is killed': (scene: Scene) => stopServer(scene, 'kill'),
  'the pooler starts again': (scene: Scene) => scene.restartPooler(),
} as const satisfies Readonly<Record<string, (scene: Scene) => Promise<void>>>;

export type BlowName = keyof typeof blows;
const often: readonly BlowName[] = ['a worker is killed', 'connections are cut', 'a worker drains'];
const names = Object.keys(blows) as readonly BlowName[];
const weighted: readonly BlowName[] = [...names, ...often, ...often];

/** The first of them are one of each kind. */
export async function strike(scene: Scene, number: number): Promise<BlowName> {
  const name = (number < names.length ? names[number] : weighted[scene.draw(weighted.length)]) as BlowName;
  await blows[name](scene);
  return name;
}

export const blowCountMin = names.length;
