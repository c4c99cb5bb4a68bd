import type { FoundProject, PackageManager } from './found-project.ts';

interface Commands {
  /** Steps before Node is set up. */
  readonly before: readonly string[];
  readonly install: string;
  /** For what \`setup-node\` calls a cache. */
  readonly cache: boolean;
  readonly execute: string;
}

const corepack = '- run: corepack enable';

const commands: Readonly<Record<PackageManager, Commands>> = {
  npm: { before: [], install: 'npm ci', cache: true, execute: 'npx' },
  pnpm: { before: [corepack], install: 'pnpm install --frozen-lockfile', cache: true, execute: 'pnpm exec' },
  yarn: { before: [corepack], install: 'yarn install --frozen-lockfile', cache: true, execute: 'yarn' },
  bun: {
    before: ['- uses: oven-sh/setup-bun@v2'],
    install: 'bun install --frozen-lockfile',
    cache: false,
    execute: 'bunx',
  },
};

/** A workflow for GitHub that replays every fixture, without a key and without a network. */
export function workflowText(project: FoundProject, isTested: boolean): string {
  const { packageManager, hasLockFile } = project;
  const { before, install, cache, execute } = commands[packageManager];
  const node = ['- uses: actions/setup-node@v5', '  with:', '    node-version: 24'];
  const steps = [
    '- uses: actions/checkout@v5',
    ...before,
    ...node,
    ...(cache && hasLockFile ? [`    cache: ${packageManager}`] : []),
    `- run: ${hasLockFile ? install : 'npm install'}`,
    `- run: ${execute} ${isTested ? 'vitest run' : 'reprise replay'}`,
  ];
  return `name: replay
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  replay:
    runs-on: ubuntu-latest
    steps:
${steps.map((step) => `      ${step}\n`).join('')}`;
}
