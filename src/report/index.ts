// The door `reprise/report`.
export { comparisonText } from './comparison-text.ts';
export type { ComparisonNames } from './comparison-text.ts';
export { countsText } from './counts-text.ts';
export { effectAddresses, isAddress } from './effect-addresses.ts';
export { mermaidText } from './mermaid.ts';
export type { RunPath } from './mermaid.ts';
export { plainPalette, terminalPalette } from './palette.ts';
export type { Palette } from './palette.ts';
export { oneLine, severalLines } from './plain-text.ts';
export { askedText, doubtText, questionText, signalsText, sleepText } from './question-text.ts';
export { replayText } from './replay-text.ts';
export type { ReplayFacts } from './replay-text.ts';
export { runListText, timeText } from './run-list.ts';
export { placeOfError } from './stack-text.ts';
export { RunTeller } from './run-text.ts';
export { divergenceReason, divergenceSentence } from './sentence.ts';
export { jsonOf } from './value-text.ts';
