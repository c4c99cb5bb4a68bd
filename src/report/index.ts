// The door `reprise/report`.
export { comparisonText } from './comparison-text.ts';
export { divergenceLines, divergenceSentence } from './divergence-text.ts';
export { mermaidText } from './mermaid.ts';
export type { RunPath } from './mermaid.ts';
export { countsText, replayText } from './replay-text.ts';
export type { ReplayFacts } from './replay-text.ts';
export { runListText } from './run-list.ts';
export { RunTeller } from './run-text.ts';
export { jsonOf } from './value-text.ts';
