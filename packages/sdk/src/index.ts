export type {
  Actor,
  AgentProfile,
  Block,
  ConversationEvent,
  ConversationState,
  ConversationStatus,
  ErrorCode,
  EventBody,
  EventKind,
  EventOf,
  Inline,
  OutgoingBlock,
  Owner,
  Presence,
  Receipt,
  SiteInfo,
  TeamRef,
  TextBlock,
  TextNode,
  Visit,
  VisitorProfile,
} from '@sveiki/protocol';
export { ERRORS, isKind, LIMITS, plainText } from '@sveiki/protocol';
export { ChatError, type LocalErrorCode } from './chat-error.ts';
export { type Clock, systemClock } from './clock.ts';
export type { ConnectionState, TransportOptions, WebSocketClass, WebSocketLike } from './connection/types.ts';
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
} from './host/types.ts';
