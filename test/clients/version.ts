// With which release of its packages a client is tried.
import { readFileSync } from 'node:fs';
import type { Client } from './client.ts';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

export function versionOf({ packages }: Client): string {
  const versions = packages.map((key) => {
    const version = dependencies[key] ?? '';
    return version.startsWith('npm:') ? version.slice('npm:'.length) : `${key}@${version}`;
  });
  return versions.length === 0 ? `Node ${process.versions.node}` : versions.join(', ');
}
