// The door `reprise/explore`: finds faults by trial. Its arbitrary cases need fast-check.
export { explore } from './explore.ts';
export type { ExploreReport } from './explore.ts';
export type { ExploreOptions } from './explore-options.ts';
export type { FaultName } from './fault/fault-kinds.ts';
export { plannedFaults } from './fault/fault-plan.ts';
export type { PlannedFaults } from './fault/fault-plan.ts';
export { explain } from './explain/explain.ts';
export type { ExplainReport } from './explain/explain.ts';
export type { ExplainOptions } from './explain/explain-options.ts';
export type { ExploredInput } from './subject/input-subject.ts';
export type { AnswerRequest, FakedAnswer, FakedCall, FakedHttp, Outside } from '../fake/outside.ts';
export { parseSchedule, scheduleText } from './schedule/schedule.ts';
export type { Death, Fault, Hold, Schedule } from './schedule/schedule.ts';
export type { RunCheckpoint } from '../journal/run/checkpoint.ts';
export type { Entry, RunEntry } from '../journal/entry.ts';
export type { EndedErrand, Errands, WaitingErrand } from '../port/errands.ts';
export type { Inbox, Message, PlacedMessage } from '../port/inbox.ts';
export type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Label,
  Later,
  Lease,
  PlacedCheckpoint,
  PrunableStore,
  PruneQuery,
  Queue,
  Release,
  Changes,
  ChangesQuery,
  RunQuery,
  RunStatus,
  RunStore,
  RunSummary,
  SharedJournal,
} from '../port/store.ts';
export type { DrivenGraph, LiveWorker, StrandedRun, WorkerNote, Workers } from '../port/workers.ts';
export { arbitrarySchedule } from './session/arbitrary-schedule.ts';
export type { DrawnSchedule } from './session/arbitrary-schedule.ts';
export { arbitraryDelta, arbitraryRun } from './law/arbitrary-run.ts';
export type { ArbitraryDeltaOptions, ArbitraryRunOptions, DrawnRun } from './law/arbitrary-run.ts';
export type { DrawnAnswer } from './law/drawn-world.ts';
export { checkLaw, reducerLaws } from './law/reducer-laws.ts';
export type { LawExample, ReducerLawOptions } from './law/reducer-laws.ts';
export type { FieldLaws, LawCounterexample, LawResult, LawsReport } from './law/laws-report.ts';
export type { RecordedRun } from './law/value/recorded-values.ts';
export type { LawName } from './law/reducer-law.ts';
export type { LawOptions, NewPlace, StoreLaw, StorePlace } from './store/store-law.ts';
export {
  checkStore,
  storeChangeLaws,
  storeCheckpointLaws,
  storeClaimingLaws,
  storeErrandLaws,
  storeForkLaws,
  storeLaws,
  storeWorkerLaws,
  storePruningLaws,
  storeRecordingLaws,
} from './store/store-laws.ts';
export { partStoreLaws } from './store/place/part-store-laws.ts';
export type { PartStoreLaw } from './store/place/part-store-laws.ts';
export type { StoreCheck } from './store/store-laws.ts';
export { FreshModules } from './realm/fresh-modules.ts';
