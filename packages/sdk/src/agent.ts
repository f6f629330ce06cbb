export type {
  Actor,
  AgentProfile,
  AgentWelcome,
  Block,
  ConversationEvent,
  ConversationState,
  ConversationStatus,
  Counts,
  ErrorCode,
  EventBody,
  EventKind,
  EventOf,
  Inline,
  ListView,
  OutgoingBlock,
  Owner,
  Presence,
  Receipt,
  Role,
  SiteInfo,
  TeamRef,
  TextBlock,
  TextNode,
  Visit,
  VisitorProfile,
} from '@sveiki/protocol';
export { ERRORS, isKind, LIMITS, plainText } from '@sveiki/protocol';
export { createAgent } from './agent/create-agent.ts';
export type {
  Agent,
  AgentEvents,
  AgentOptions,
  AgentState,
  CommandRef,
  Me,
  WatchedConversation,
} from './agent/types.ts';
export { ChatError, type LocalErrorCode } from './chat-error.ts';
export { type Clock, systemClock } from './clock.ts';
export type { ConnectionState, TransportOptions, WebSocketClass, WebSocketLike } from './connection/types.ts';
