// The door `reprise/report`.
export { briefLengthMax, briefReport } from './brief.ts';
export { checkLine } from './check-line.ts';
export { comparisonText } from './comparison-text.ts';
export type { ComparisonNames } from './comparison-text.ts';
export { countsText } from './counts-text.ts';
export { effectAddresses, isAddress } from './effect-addresses.ts';
export type { ExploreFacts, ExploredRun, Finding, NamedHold, Rung, RungName, Uncontrolled } from './explore-facts.ts';
export type { ComesOut, ExplainFacts, ExplainedRace } from './explain-facts.ts';
export { explainText } from './explain-text.ts';
export { exploreText } from './explore-text.ts';
export { lawsText } from './laws-text.ts';
export type { GraphPlace, LawsFacts, LawsTextOptions } from './laws-text.ts';
export { mermaidText } from './mermaid.ts';
export type { RunPath } from './mermaid.ts';
export { plainPalette, terminalPalette } from './palette.ts';
export type { Palette } from './palette.ts';
export { causesBelow } from './causes-below.ts';
export { oneLine, severalLines, wrapReportsAt } from './plain-text.ts';
export { askedText, doubtText, questionText, signalsText, sleepText } from './question-text.ts';
export { replayLine } from './reproduce-line.ts';
export { replayText } from './replay-text.ts';
export { causeKey, sameCauseText } from './same-cause.ts';
export type { ReplayFacts } from './replay-text.ts';
export { updateSummary } from './update-summary.ts';
export { updateSummaryText, updateText } from './update-text.ts';
export type {
  ChangeGroup,
  ChangeKind,
  FixtureChange,
  MissingEffect,
  UpdatedFixture,
  UpdateSummary,
} from './update-facts.ts';
export { runListText, timeText } from './run-list.ts';
export { plainLines } from './plain-run.ts';
export { placeOfError } from './stack-text.ts';
export { RunTeller } from './run-text.ts';
export { shellOption, shellWord } from './shell-word.ts';
export { divergenceReason, divergenceSentence } from './sentence.ts';
export { jsonOf, printedJson } from './value-text.ts';
export { isInnerStepKey } from '../journal/key.ts';
export type { StepKey } from '../journal/key.ts';
export { pageHtml } from './page/page-html.ts';
export type { PageParts } from './page/page-html.ts';
export type {
  PageAttempt,
  PageDivergence,
  PageEffect,
  PageEvent,
  PageLane,
  PageModel,
  PageReport,
  PageRoot,
  PageRun,
  PageSchedule,
  PageScope,
  PageStep,
  PageTask,
  PageVariable,
  StateChange,
} from './page/page-model.ts';
export { pageReport } from './page/page-report.ts';
export { pageSchedule } from './page/page-schedule.ts';
export type { Reported } from './page/page-report.ts';
export { PageRunBuilder } from './page/page-run.ts';
export { faultHtml, runsHtml } from './page/runs-html.ts';
export type { RunsPage, RunsRow } from './page/runs-html.ts';
export { checkedOf } from './ci/checked.ts';
export type { Checked } from './ci/checked.ts';
export { githubText } from './ci/github.ts';
export { junitText } from './ci/junit.ts';
export { markdownText } from './ci/markdown.ts';
export type { Json } from '../base/encode.ts';
export { addressesLike, atPath, bounded, pieceAt } from './page/piece.ts';
export type { Bounded } from './page/piece.ts';
