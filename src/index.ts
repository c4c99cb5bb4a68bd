// The main door. It needs no third-party package.
export { RepriseError, errorCodes, explainError } from './base/error.ts';
export type { ErrorCode, ErrorDetail } from './base/error.ts';
export { nearestName } from './base/nearest-name.ts';
export type { Value } from './base/value.ts';
export { asEffect, effect, now, random, uuid } from './ambient-context.ts';
export { createEngine } from './create-engine.ts';
export type { Engine, RunPromise, RunStreamOf, StreamItemOf } from './create-engine.ts';
export { bufferedEmitter, jsonLinesEmitter } from './observe/emitters.ts';
export type { BufferedEmitter, BufferedEmitterOptions } from './observe/emitters.ts';
export type { EventSink, RunEvent } from './port/event-sink.ts';
export type { EngineOptions } from './engine/options/engine-options.ts';
export type { EndedRun, RecordedFixture, RecordOptions } from './engine/options/record-options.ts';
export type { EnqueueOptions } from './engine/options/enqueue-options.ts';
export type { Decided, ResumeOptions, RunOptions } from './engine/options/run-options.ts';
export type { ListedCommit as Checkpoint } from './engine/stored/history.ts';
export type { ReadOptions } from './stream/read-options.ts';
export type { StreamOptions } from './engine/options/stream-options.ts';
export type { Worker } from './engine/host/worker/worker.ts';
export type { WorkOptions } from './engine/options/work-options.ts';
export { fromFunction } from './from-function.ts';
export type { FunctionShape } from './from-function.ts';
export { graph } from './graph/build/builder.ts';
export type { GraphOptions } from './graph/build/builder.ts';
export type { GraphBuilder } from './graph/types/builder-types.ts';
export type { AnyGraph, DeltaOf, Graph, InputOf, NodeNameOf, StateOf } from './graph/built-graph.ts';
export type {
  AskOptions,
  CleanUpContext,
  CleanUpEffectOptions,
  EffectOptions,
  NodeContext,
  OnStopOptions,
  PerformContext,
  ReceiveOptions,
} from './graph/types/context-types.ts';
export { append, last, max, merge, min, reduce, sum, text, union, upsert } from './graph/field.ts';
export type { Field, State } from './graph/types/field-types.ts';
export { failure, input } from './graph/input.ts';
export type { Failure } from './graph/types/input-types.ts';
export type { NodeOptions, NodeResult } from './graph/types/node-types.ts';
export type { AnyRoute, Goto, Send, Stop } from './graph/types/route-types.ts';
export type { Run, RunNote } from './graph/types/run-types.ts';
export type { Question } from './journal/step/question.ts';
export type { RetryPolicy } from './graph/spec.ts';
export type { GraphSchemas, WithInput } from './graph/types/schema-types.ts';
export type { StandardSchema } from './graph/types/standard-schema.ts';
export { fields, reducer } from './graph/state.ts';
export type { EffectSource } from './port/effect-source.ts';
export type {
  Delivery,
  ObservedEntry,
  ObservedRun,
  RunObserver,
  RunPosition,
  RecordingOutcome,
  RunRecording,
  RunRest,
} from './port/observer.ts';
export type { PrunableStore, RunQuery, RunStatus, RunStore, RunSummary } from './port/store.ts';
export {
  abandonedRunsOf,
  answerStoredRun,
  awaitedSignalsOf,
  cancelStoredRun,
  effectsInDoubtOf,
  labelsOf,
  liveWorkersOf,
  openQuestionsOf,
  sendToStoredRun,
  strandedRunsOf,
} from './stored-run.ts';
export type { EffectInDoubt } from './stored-run.ts';
export type { DrivenGraph, LiveWorker, StrandedRun } from './port/workers.ts';
export type { RecordingCounts } from './record/policy/recorder.ts';
export { memoryStore } from './store/memory/memory.ts';
export type { MemoryStoreOptions } from './store/memory/memory.ts';
export { task } from './task.ts';
export type { TaskOptions, TaskResult } from './task.ts';
export { version } from './version.ts';
