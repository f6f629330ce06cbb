import type { Card, HandoffDetails, OutgoingBlock, QuickReplies, ToolCall } from '@sveiki/protocol';
import type { Secret } from './define-config.ts';

/** A message in the conversation so far, as a bot reads it. */
export interface BotMessage {
  by: 'visitor' | 'bot' | 'agent' | 'system';
  text: string;
  at: number;
}

/** What a bot says: words (Markdown), or blocks. */
export type BotReply = string | readonly (Extract<OutgoingBlock, { kind: 'text' }> | QuickReplies | Card)[];

/**
 * One turn of a bot: a visitor wrote, and the bot owns the conversation. Everything it does is refused (`not-owner`) from the moment somebody else
 * owns it; `signal` is aborted then, and when the bot's time is over.
 */
export interface BotTurn {
  readonly conversation: {
    readonly id: string;
    readonly site: string;
    readonly team: string | null;
    /** A language tag, or null when it is not known. */
    readonly language: string | null;
    readonly visitor: { readonly id: string; readonly name: string | null; readonly verified: boolean };
    readonly page: { readonly url: string; readonly title: string } | null;
  };
  /** What the visitor wrote, the newest message of this turn. */
  readonly text: string;
  /** Everything said before it, oldest first; at most the last 50 messages. */
  readonly history: readonly BotMessage[];
  /** What forms before and in the conversation were answered with. */
  readonly collected: Readonly<Record<string, unknown>>;
  /** How many turns in a row before this one ended with {@link BotTurn.unsure}. */
  readonly failures: number;
  readonly signal: AbortSignal;
  /** Says something; resolves when it is stored. */
  reply(what: BotReply): Promise<void>;
  /** Says something word by word: each piece is shown as it comes, the whole is stored once at the end. Resolves with the whole text. */
  stream(pieces: AsyncIterable<string>): Promise<string>;
  typing(): void;
  /** Asks the visitor to fill in a form or survey of the configuration, by its id. */
  ask(form: string): Promise<void>;
  /**
   * Calls a tool of the page the visitor is on (`chat.tools.register`). Never throws: a visitor who says no, a page without the tool and a tool that
   * fails are outcomes.
   */
  callTool(tool: string, input: Record<string, unknown>): Promise<Pick<ToolCall, 'outcome' | 'output'>>;
  /** Gives the conversation to people. Nothing can be said after it. */
  handoff(details: Omit<HandoffDetails, 'transcript' | 'ownership'>): Promise<void>;
  /**
   * Says that this turn did not help, with words of its own if it has any. After three such turns in a row the visitor is offered a person.
   */
  unsure(words?: BotReply): Promise<void>;
  /** Canned replies that fit these words, best first: what people would answer. */
  cannedReplies(query: string, limit?: number): Promise<BotCannedReply[]>;
}

/** A canned reply as a bot may use it: rendered for this conversation. Those that need something typed in are left out. */
export interface BotCannedReply {
  id: string;
  title: string;
  text: string;
  /** How well it fits, from 0 to 1. */
  score: number;
}

/**
 * A bot, as code. It runs inside the relay when it stands in `sveiki.config.ts`, or anywhere else with `runBot` over the same door that agents use.
 * A turn that throws or takes longer than `deadlineMs` goes to people, with that as the reason: the visitor never waits for a broken bot.
 */
export interface Bot<Id extends string = string> {
  /** Unique among bots and agents. */
  id: Id;
  /** How visitors see it, always marked as a bot. */
  name: string;
  /** @default 20000 */
  deadlineMs?: number;
  /** Said when a conversation comes to the bot and the visitor is still waiting for the first words. */
  greet?: (turn: BotTurn) => Promise<void> | void;
  onMessage(turn: BotTurn): Promise<void> | void;
  /**
   * Proposes words while a person has the conversation; only that person sees them, and sends or changes or ignores them. A bot without it drafts
   * nothing.
   */
  draft?: (
    turn: Omit<BotTurn, 'reply' | 'stream' | 'ask' | 'handoff' | 'unsure' | 'callTool'>,
  ) => Promise<BotReply | null> | BotReply | null;
}

/** A bot that runs elsewhere and signs in with a token. */
export interface RemoteBotInput<Id extends string = string> {
  id: Id;
  name: string;
  /** At least 32 characters. While it is changed for another there are two or three: each lets it in. */
  token: Secret | readonly Secret[];
  /** May propose words while people answer. @default false */
  drafts?: boolean;
}
