// The door `reprise/report`.
export { briefLengthMax, briefReport } from './brief.ts';
export { checkLine } from './explore/check-line.ts';
export { comparisonText } from './divergence/comparison-text.ts';
export type { ComparisonNames } from './divergence/comparison-text.ts';
export { countsText } from './text/counts-text.ts';
export { effectAddresses, isAddress } from './text/effect-addresses.ts';
export type {
  ExploreFacts,
  ExploredRun,
  Finding,
  NamedHold,
  Rung,
  RungName,
  Uncontrolled,
} from './explore/explore-facts.ts';
export type { ComesOut, ExplainFacts, ExplainedRace } from './explore/explain-facts.ts';
export { explainText } from './explore/explain-text.ts';
export { exploreText } from './explore/explore-text.ts';
export { lawsText } from './explore/laws-text.ts';
export type { GraphPlace, LawsFacts, LawsTextOptions } from './explore/laws-text.ts';
export { mermaidText } from './run/mermaid.ts';
export type { RunPath } from './run/mermaid.ts';
export { plainPalette, terminalPalette } from './text/palette.ts';
export type { Palette } from './text/palette.ts';
export { causesBelow } from './divergence/causes-below.ts';
export { oneLine, severalLines, wrapReportsAt } from './text/plain-text.ts';
export { askedText, doubtText, questionText, signalsText, sleepText } from './run/question-text.ts';
export { replayLine } from './explore/reproduce-line.ts';
export { outsideText } from './divergence/outside-text.ts';
export { replayText } from './divergence/replay-text.ts';
export { sideNames } from './divergence/side-names.ts';
export type { SideNames } from './text/difference-text.ts';
export { causeKey, sameCauseText } from './divergence/same-cause.ts';
export type { ReplayFacts } from './divergence/replay-text.ts';
export { updateSummary } from './update/update-summary.ts';
export { updateSummaryText, updateText } from './update/update-text.ts';
export type {
  ChangeGroup,
  ChangeKind,
  FixtureChange,
  MissingEffect,
  UpdatedFixture,
  UpdateSummary,
} from './update/update-facts.ts';
export { runListText, timeText } from './run/run-list.ts';
export { plainLines } from './run/plain-run.ts';
export { placeOfError } from './text/stack-text.ts';
export { withUncounted } from './run/uncounted.ts';
export { valueText } from './text/value-text.ts';
export { RunTeller } from './run/run-text.ts';
export { TakeoverText } from './run/takeover-text.ts';
export { shellOption, shellWord } from './text/shell-word.ts';
export { divergenceReason, divergenceSentence } from './divergence/sentence.ts';
export { jsonOf, printedJson } from './text/value-text.ts';
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
