export { type ChosenModel, chooseModel, modelVariables } from "./choose-model.ts";
export { costOf } from "./cost.ts";
export { ModelError, type ModelErrorKind } from "./errors.ts";
export type { ModelPrice } from "./known-model.ts";
export type {
  AssistantBlock,
  CallBlock,
  Extra,
  Image,
  Message,
  Model,
  ModelEvent,
  ModelRequest,
  Reply,
  ResultBlock,
  StopReason,
  TextBlock,
  ThinkingBlock,
  ToolDefinition,
  Usage,
  UserBlock,
  Wire,
} from "./model.ts";
export { knownModelNames, type ModelLimits, modelLimits, modelPrice } from "./model-facts.ts";
export { nearestWord } from "./nearest-word.ts";
export { type OpenOptions, openModel } from "./open-model.ts";
export { type Environment, keyVariables, type Provider, providers } from "./providers.ts";
export { type Script, type ScriptedModel, type ScriptedReply, scriptedModel } from "./scripted.ts";
