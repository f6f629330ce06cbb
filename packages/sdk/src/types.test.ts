import { describe, expectTypeOf, it } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import {
  type Block,
  type Chat,
  type ChatError,
  type ConversationEvent,
  type ConversationState,
  createChat,
  isKind,
  type MessageRef,
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
});
