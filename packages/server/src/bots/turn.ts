import {
  callToolSchema,
  ERRORS,
  type ErrorCode,
  handoffDetailsSchema,
  LIMITS,
  type OutgoingBlock,
  type Owner,
  outgoingBlocksSchema,
  type Send,
} from '@sveiki/protocol';
import type { BotCannedReply, BotReply, BotTurn } from '@sveiki/sdk/config';
import * as v from 'valibot';
import { askVisitor } from '../commands/ask-visitor.ts';
import type { Command } from '../commands/command.ts';
import type { Directory } from '../commands/directory.ts';
import { handOffConversation } from '../commands/hand-off.ts';
import { noteToolCall } from '../commands/note-tool-call.ts';
import { sendAsAgent } from '../commands/send-message.ts';
import type { Engine } from '../engine/engine.ts';
import type { ToolCalls } from '../gateway/session/tool-calls.ts';
import type { Bus, Clock } from '../ports.ts';
import { turnId } from './history.ts';
import { botTexts } from './texts.ts';

/** Something a bot did did not happen: `not-owner` when somebody else has the conversation by now. */
export class TurnRefused extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(ERRORS[code].sentence);
    this.name = 'TurnRefused';
    this.code = code;
  }
}

/** Canned replies that fit some words, rendered for a conversation. */
export type ReplySearcher = (
  query: string,
  options: { conversation: string; site: string; limit: number },
) => Promise<BotCannedReply[]>;

/** What one turn may do at most: more is a bot that runs wild. */
const MAX_ACTS = 50;
/** A stream is shown at most ten times a second. */
const SHOW_EVERY_MS = 100;
/** Pieces after which others get a turn of the processor. */
const PIECES_AT_ONCE = 50;
const DEFAULT_REPLIES = 3;

/** What a turn knows, without what it can do. */
export type TurnFacts = Pick<BotTurn, 'conversation' | 'text' | 'history' | 'collected' | 'failures'>;

export interface TurnParts {
  engine: Engine;
  directory: Directory;
  tools: ToolCalls;
  bus: Bus;
  clock: Clock;
  searchReplies: ReplySearcher;
  /** Turns that did not help in a row, after which a person is offered. */
  offerAfter: number;
}

/**
 * A turn of a bot that owns a conversation under `ownership`: everything it does is a command like any agent's, decided at commit, so nothing
 * happens after somebody else took over, whatever was under way.
 */
export function createTurn(
  { engine, directory, tools, bus, clock, searchReplies, offerAfter }: TurnParts,
  {
    bot,
    ownership,
    covers,
    facts,
    signal,
  }: { bot: Owner; ownership: number; covers: number; facts: TurnFacts; signal: AbortSignal },
): { turn: BotTurn; failures(): number } {
  const { id: conversation, site, language } = facts.conversation;
  let acts = 0;
  /** Turns in a row that did not help, after this one. */
  let failures = 0;
  let typedAt = Number.NEGATIVE_INFINITY;

  function mustBeOwner(): void {
    const state = engine.registry.get(conversation)?.state;
    const isOwner = state?.owner?.id === bot.id && state.ownership === ownership && state.status !== 'resolved';
    if (signal.aborted || !isOwner) throw new TurnRefused('not-owner');
  }

  function nextId(): string {
    acts += 1;
    if (acts > MAX_ACTS) throw new Error(`The bot did more than ${MAX_ACTS} things in one turn.`);
    return turnId(conversation, covers, acts);
  }

  async function submit(command: Command): Promise<void> {
    mustBeOwner();
    const outcome = await engine.submit(command);
    if (!outcome.done) throw new TurnRefused(outcome.refused);
  }

  function say(id: string, blocks: readonly OutgoingBlock[]): Promise<void> {
    const frame: Send = { type: 'send', id, conversation, blocks: [...blocks], ownership };
    return submit(sendAsAgent(bot.id, frame, directory));
  }

  const show = (message: string, text: string): void =>
    bus.publish({ kind: 'stream', conversation, message, who: bot, text });

  async function stream(pieces: AsyncIterable<string>): Promise<string> {
    const id = nextId();
    const source = pieces[Symbol.asyncIterator]();
    let text = '';
    let shownAt: number | null = null;
    try {
      for (let count = 1; ; count++) {
        const piece = await orAborted(source.next(), signal);
        if (piece.done === true) break;
        if (typeof piece.value !== 'string') throw new TypeError('A piece of a stream is not a text.');
        mustBeOwner();
        text += piece.value;
        if (Buffer.byteLength(text) > LIMITS.maxTextBytes) throw new TurnRefused('too-large');
        if (clock.now() - (shownAt ?? 0) >= SHOW_EVERY_MS && text !== '') {
          shownAt = clock.now();
          show(id, text);
        }
        if (count % PIECES_AT_ONCE === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
      }
      await say(id, [{ kind: 'text', text }]);
      return text;
    } catch (error) {
      // What was shown is not going to be said.
      if (shownAt !== null) show(id, '');
      Promise.resolve(source.return?.()).catch(() => {});
      throw error;
    }
  }

  const turn: BotTurn = {
    ...facts,
    signal,
    reply: async (what) => say(nextId(), readReply(what)),
    stream,
    typing() {
      if (clock.now() - typedAt < LIMITS.typingEveryMs) return;
      mustBeOwner();
      typedAt = clock.now();
      bus.publish({ kind: 'typing', conversation, who: { kind: 'agent', id: bot.id, name: bot.name }, on: true });
    },
    ask: async (form) =>
      submit(
        askVisitor(
          bot.id,
          { type: 'ask', id: nextId(), conversation, ownership, what: { kind: 'configured', id: form } },
          directory,
        ),
      ),
    async callTool(tool, input) {
      mustBeOwner();
      const frame = { type: 'call-tool', id: nextId(), conversation, ownership, tool, input } as const;
      const visitor = facts.conversation.visitor.id;
      // A name that cannot be one, or too much to send: no page has such a tool.
      if (!v.is(callToolSchema, frame)) return { outcome: 'no-such-tool' };
      const result = await orAborted(tools.call(visitor, bot, frame), signal);
      await engine.submit(noteToolCall(bot, frame, { tool, input, ...result }));
      return result;
    },
    async handoff(details) {
      const read = v.safeParse(v.omit(handoffDetailsSchema, ['transcript', 'ownership']), details);
      if (!read.success)
        throw new TypeError(`The details of a handoff cannot be used: ${v.getDotPath(read.issues[0]) ?? 'details'}.`);
      const frame = { type: 'handoff', id: nextId(), conversation, ownership, details: read.output } as const;
      await submit(handOffConversation(bot.id, frame, directory));
    },
    async unsure(words) {
      failures = facts.failures + 1;
      const texts = botTexts(language);
      await turn.reply(words ?? texts.notSure);
      if (failures < offerAfter) return;
      failures = 0;
      const { offer, person } = texts;
      await turn.reply([{ kind: 'quick-replies', text: offer, replies: [{ text: person, action: 'request-human' }] }]);
    },
    cannedReplies: (query, limit = DEFAULT_REPLIES) => searchReplies(query, { conversation, site, limit }),
  };
  return { turn, failures: () => failures };
}

/** What a bot says, as blocks. @throws TypeError when it is nothing that can be said */
export function readReply(what: BotReply): OutgoingBlock[] {
  const read = v.safeParse(outgoingBlocksSchema, typeof what === 'string' ? [{ kind: 'text', text: what }] : what);
  if (read.success) return read.output;
  throw new TypeError(
    `What the bot said cannot be sent: ${v.getDotPath(read.issues[0]) ?? 'it is no list of blocks'}.`,
  );
}

/** Ends with the turn, whatever the bot still waits for. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new TurnRefused('not-owner'));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
