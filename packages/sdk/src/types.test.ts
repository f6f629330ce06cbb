import { describe, expectTypeOf, it } from 'vitest';
import { type Agent, createAgent, type OfferToMe, type ToolOutcome } from './agent.ts';
import { type Bot, type BotTurn, defineBot, faqBot, type LanguageModel, llmBot } from './bots.ts';
import {
  type Block,
  type Chat,
  type ChatError,
  type ConversationEvent,
  type ConversationState,
  createChat,
  isKind,
  type MessageRef,
  type Question,
  type ToolRequest,
} from './index.ts';

describe('types', () => {
  it('narrow events by their kind', () => {
    const read = (event: ConversationEvent) => {
      if (isKind(event, 'message')) expectTypeOf(event.body.blocks).toEqualTypeOf<Block[]>();
      if (isKind(event, 'assigned')) expectTypeOf(event.body.owner.name).toEqualTypeOf<string>();
      // @ts-expect-error A kind that does not exist.
      isKind(event, 'shouted');
      // @ts-expect-error Not before it was narrowed.
      event.body.blocks;
    };
    expectTypeOf(read).toBeFunction();
  });

  it('give each handler its own event', () => {
    const listen = (chat: Chat, agent: Agent) => {
      chat.on('message', (event) => expectTypeOf(event).toEqualTypeOf<ConversationEvent>());
      chat.on('unread', (count) => expectTypeOf(count).toEqualTypeOf<number>());
      chat.on('conversation', (state) => expectTypeOf(state).toEqualTypeOf<ConversationState | null>());
      chat.on('error', (error) => expectTypeOf(error).toEqualTypeOf<ChatError>());
      agent.on('message', (event) =>
        expectTypeOf(event).toEqualTypeOf<{ conversation: string; event: ConversationEvent }>(),
      );
      agent.on('assigned', (state) => expectTypeOf(state).toEqualTypeOf<ConversationState>());
      // @ts-expect-error Agents have no unread of their own.
      agent.on('unread', () => {});
      // @ts-expect-error A visitor is assigned nothing.
      chat.on('assigned', () => {});
    };
    expectTypeOf(listen).toBeFunction();
  });

  it('say what a call needs and gives', () => {
    expectTypeOf(createChat).parameter(0).toHaveProperty('site');
    expectTypeOf<Chat['send']>().returns.resolves.toEqualTypeOf<MessageRef>();
    expectTypeOf<Parameters<Agent['transfer']>[1]>().toEqualTypeOf<
      { agent: string } | { team: string } | { bot: string }
    >();
    const wrong = () => {
      // @ts-expect-error A chat needs a site.
      createChat({});
      // @ts-expect-error A token or a way to get one.
      createChat({ site: 'pk_shop_test', identity: {} });
      // @ts-expect-error A conversation is resolved with a code.
      void createAgent().resolve('conversation-0001', {});
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('know offers, questions and tools', () => {
    const listen = (chat: Chat, agent: Agent) => {
      agent.on('offered', (offer) => expectTypeOf(offer).toEqualTypeOf<OfferToMe>());
      agent.on('offer-ended', (state) => expectTypeOf(state).toEqualTypeOf<ConversationState>());
      expectTypeOf(agent.callTool('conversation-0001', 'cart', {})).resolves.toEqualTypeOf<ToolOutcome>();
      chat.on('question', (question) => expectTypeOf(question).toEqualTypeOf<Question | null>());
      chat.on('tool-call', (request) => expectTypeOf(request).toEqualTypeOf<ToolRequest>());
      // @ts-expect-error A handoff needs its reason.
      void agent.handoff('conversation-0001', { summary: 'x' });
      // @ts-expect-error What the relay makes itself is not said by a bot.
      void agent.handoff('conversation-0001', { reason: 'x', ownership: 3 });
      // @ts-expect-error A draft replies to something.
      void agent.draft('conversation-0001', 'x');
      // @ts-expect-error A tool does something.
      chat.tools.register({ name: 'cart' });
      // @ts-expect-error Answers are texts, numbers, ticks and choices.
      void chat.answer('question-0001', { order: new Date() });
    };
    expectTypeOf(listen).toBeFunction();
  });

  it('keep the ids of bots, so that a configuration can check them', () => {
    expectTypeOf(faqBot({ id: 'faq', name: 'Robin' })).toEqualTypeOf<Bot<'faq'>>();
    const model = {} as LanguageModel;
    expectTypeOf<ReturnType<typeof llmBot<'llm'>>>().toEqualTypeOf<Bot<'llm'>>();
    const onMessage = (turn: BotTurn) => turn.reply('Hello');
    const bot = defineBot({ id: 'own', name: 'Own', onMessage });
    expectTypeOf(bot.id).toEqualTypeOf<'own'>();
    const wrong = () => {
      // @ts-expect-error A bot answers.
      defineBot({ id: 'own', name: 'Own' });
      // @ts-expect-error A model is needed, and instructions.
      llmBot({ id: 'llm', name: 'Robin', model });
      // @ts-expect-error Nobody knows these words.
      faqBot({ id: 'faq', name: 'Robin', texts: { en: { goodbye: 'Bye' } } });
    };
    expectTypeOf(wrong).toBeFunction();
  });
});
