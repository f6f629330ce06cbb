export type {
  Actor,
  AgentProfile,
  AnswerProblem,
  AnswerProblemCode,
  Block,
  Card,
  CheckedAnswers,
  Consent,
  ConversationEvent,
  ConversationState,
  ConversationStatus,
  ErrorCode,
  EventBody,
  EventKind,
  EventOf,
  FileBlock,
  FormAnswer,
  FormAnswers,
  FormCondition,
  FormDefinition,
  FormField,
  FormOption,
  FormPrefill,
  FormTexts,
  Inline,
  OutgoingBlock,
  Owner,
  Presence,
  QuickReplies,
  Receipt,
  SiteInfo,
  TeamRef,
  TextBlock,
  TextNode,
  Visit,
  VisitorProfile,
} from '@sveiki/protocol';
export {
  checkAnswers,
  ERRORS,
  isKind,
  LIMITS,
  pipeAnswers,
  plainText,
  RATING_SCALES,
  startAnswers,
  textIn,
  visibleFields,
} from '@sveiki/protocol';
export { ChatError, type LocalErrorCode } from './chat-error.ts';
export { type Clock, systemClock } from './clock.ts';
export type { ConnectionState, TransportOptions, WebSocketClass, WebSocketLike } from './connection/types.ts';
export type { ChatFiles } from './files/chat-files.ts';
export type { FileLink } from './files/links.ts';
export type { Upload, Uploadable } from './files/upload.ts';
export { createChat } from './host/create-chat.ts';
export { storedHistory } from './host/stored-history.ts';
export type {
  Chat,
  ChatEvents,
  ChatOptions,
  ChatState,
  DeliveryState,
  Entry,
  Identity,
  KeyValueStorage,
  MessageRef,
  Question,
  Tool,
  ToolRequest,
} from './host/types.ts';
export type { OwnData } from './own-data/own-data.ts';
export { findSite, type PublicSite, type SiteSources } from './site/find-site.ts';
