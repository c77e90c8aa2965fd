export type { ModelReply, ModelScript, ScriptedAnswer, ScriptedCall, ScriptedFailure } from "./model-script.ts";
export { type ModelServer, type ModelServerOptions, startModelServer } from "./model-server.ts";
export type { Conversation, RecordedMessage, RecordedRequest, RecordedResult, WireName } from "./recorded-request.ts";
export { type TemporaryRepository, type TemporaryRepositoryOptions, temporaryRepository } from "./repository.ts";
