// The door `reprise/config`: what a project sets once, for all commands and tests.
export { checkConfig, defineConfig } from './project/config.ts';
export type { KnownDivergence, RepriseConfig } from './project/config.ts';
export { importModule } from './project/import-module.ts';
export type { Import } from './project/import-module.ts';
export { loadConfig } from './project/load-config.ts';
export type { LoadedConfig } from './project/load-config.ts';
export { startLoaders } from './project/loaders.ts';
export { nearestTsConfig } from './project/tsconfig.ts';
export type { TsConfig } from './project/tsconfig.ts';
export { filesMatching } from './project/files.ts';
export { knownDivergence, knownText } from './project/known-divergence.ts';
export type { Known } from './project/known-divergence.ts';
