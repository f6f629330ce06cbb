import type { OutgoingBlock } from '@sveiki/protocol';
import type { Agent, CommandRef } from '../agent/types.ts';
import { ChatError } from '../chat-error.ts';
import type { BotReply, BotTurn } from '../config/bot.ts';
import { findReplies } from './find-replies.ts';
import type { RunBotOptions } from './run-bot.ts';
import { botTexts } from './texts.ts';

/** What a turn knows, without what it can do. */
export type Facts = Pick<BotTurn, 'conversation' | 'text' | 'history' | 'collected' | 'failures'>;

/** What a bot says, as blocks. */
export const readReply = (what: BotReply): OutgoingBlock[] =>
  typeof what === 'string' ? [{ kind: 'text', text: what }] : [...what];

/** What one turn may do at most: more is a bot that runs wild. */
const maxActs = 50;
const defaultReplies = 3;

/** A turn over an agent's client. Everything it does is refused from the moment `mustOwn` throws. */
export function createTurn(
  agent: Agent,
  facts: Facts,
  parts: {
    signal: AbortSignal;
    offerAfter: number;
    /** @throws {ChatError} not-owner */
    mustOwn(): void;
    said(message: string): void;
    handedOff(): void;
    /** Time in which the visitor, not the bot, is waited for. */
    meanwhile<T>(work: Promise<T>): Promise<T>;
    searchReplies: RunBotOptions['searchReplies'];
  },
): { turn: BotTurn; failures(): number } {
  const { id, language } = facts.conversation;
  const { signal, mustOwn } = parts;
  let acts = 0;
  let failures = 0;

  function act(): void {
    mustOwn();
    if (++acts > maxActs) throw new Error(`The bot did more than ${maxActs} things in one turn.`);
  }

  async function say(saying: Promise<CommandRef>): Promise<void> {
    parts.said((await saying).id);
  }

  const turn: BotTurn = {
    ...facts,
    signal,
    async reply(what) {
      act();
      await say(agent.send(id, readReply(what)));
    },
    async stream(pieces) {
      act();
      const said = agent.stream(id, untilAborted(pieces, signal));
      await say(said);
      return (await said).text;
    },
    typing() {
      mustOwn();
      agent.typing(id);
    },
    async ask(form) {
      act();
      await agent.askForm(id, form);
    },
    async callTool(tool, input) {
      act();
      try {
        return await parts.meanwhile(agent.callTool(id, tool, input));
      } catch (error) {
        if (!(error instanceof ChatError) || error.code === 'not-owner' || error.code === 'destroyed') throw error;
        // A name that cannot be one, or too much to send: no page has such a tool.
        return { outcome: error.code === 'bad-frame' ? 'no-such-tool' : 'failed' };
      }
    },
    async handoff(details) {
      act();
      await agent.handoff(id, details);
      parts.handedOff();
    },
    async unsure(words) {
      failures = facts.failures + 1;
      const texts = botTexts(language);
      await turn.reply(words ?? texts.notSure);
      if (failures < parts.offerAfter) return;
      failures = 0;
      const { offer, person } = texts;
      await turn.reply([{ kind: 'quick-replies', text: offer, replies: [{ text: person, action: 'request-human' }] }]);
    },
    async cannedReplies(query, limit = defaultReplies) {
      return parts.searchReplies
        ? parts.searchReplies(query, { conversation: id, limit })
        : findReplies(agent.state.cannedReplies, query, limit);
    },
  };
  return { turn, failures: () => failures };
}

/** The pieces, until the turn is over: a source that hangs then is left alone. */
async function* untilAborted(pieces: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  const source = pieces[Symbol.asyncIterator]();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new ChatError('not-owner', 'This turn is over: somebody else has the conversation.'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  aborted.catch(() => {});
  try {
    for (;;) {
      const piece = await Promise.race([source.next(), aborted]);
      if (piece.done === true) return;
      yield piece.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    Promise.resolve(source.return?.()).catch(() => {});
  }
}
