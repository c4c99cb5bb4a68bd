// The door `reprise/testing`: tests of what was never recorded.
export { fixtureOf } from './fixture-of.ts';
export type { FixtureOfOptions, SentSignal } from './fixture-of.ts';
export { anthropicMessage } from './answer/anthropic-message.ts';
export { chatCompletion } from './answer/chat-completion.ts';
export { googleContent } from './answer/google-content.ts';
export { openaiResponse } from './answer/openai-response.ts';
export { toolCall } from './answer/content.ts';
export type { AnswerContent, AnswerOptions, ToolCall } from './answer/content.ts';
export type { AnswerRequest, FakedAnswer, FakedCall, FakedHttp, Outside } from '../fake/outside.ts';
