import { type Chat, createChat, isKind, plainText } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { chatCompletions } from '@sveiki/sdk/bots';
import { browserAt, until } from '@sveiki/sdk/testing';
import { startRelay } from '@sveiki/server';
import { type FakeModel, startFakeModel } from './fake-model.ts';
import { withModel } from './sveiki.config.ts';

export interface WoolShop {
  model: FakeModel;
  ada: Agent;
  /** A page of the shop with a basket that bots may ask for. */
  mia: Chat;
  /** The last words of anybody but Mia, once they have these in them. */
  answer(expected: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openWoolShop(): Promise<WoolShop> {
  const model = await startFakeModel();
  const relay = await startRelay({
    config: withModel(chatCompletions({ baseUrl: model.baseUrl, model: 'fake' })),
    people: [{ id: 'ada', name: 'Ada', email: 'ada@wool.example.com' }],
    port: 0,
    dataDir: ':memory:',
  });
  const ada = createAgent({ server: relay.url, ...browserAt(relay.url) });
  await ada.signInWithCode(await relay.signInCode('ada'));
  await ada.connect();
  const page = browserAt('https://wool.example.com');
  const mia = createChat({ server: relay.url, site: 'pk_wool_shop', storage: 'memory', locale: 'en', ...page });
  mia.tools.register({
    name: 'show-basket',
    description: 'Show what is in your basket',
    handler: () => ({ basket: ['scarf', 'mittens'] }),
  });
  return {
    model,
    ada,
    mia,
    answer: (expected) =>
      until(mia, () => {
        const last = mia.state.entries.findLast(({ event }) => event !== null && isKind(event, 'message'))?.event;
        if (!last || !isKind(last, 'message') || last.actor.kind === 'visitor') return null;
        const text = plainText(last.body.blocks);
        return text.includes(expected) && text;
      }),
    async stop() {
      await Promise.all([mia.destroy(), ada.destroy()]);
      await relay.stop();
      await model.stop();
    },
  };
}
