import { FROM_CLIENT, type FromClient } from '@sveiki/protocol';
import { describe, expect, it } from 'vitest';
import { maySendFrame, visitorMaySend } from '../domain/access.ts';
import { turn } from '../testing/relay-under-test.ts';
import { stringsIn } from './canaries.ts';
import { cast, type Staff } from './cast.ts';
import { type Hints, sampleOf, stringPlaces } from './schema-samples.ts';

/**
 * A card number in every field of every frame: whoever may send it, nothing of the log, the conversations, the visitors and what others are told has
 * it. Frames and fields that are added are tried by themselves.
 */
type FrameType = FromClient['type'];
const TYPES = Object.keys(FROM_CLIENT) as FrameType[];
const CARD = '4000 0566 5566 5556';
const BARE = '4000056655665556';
const MOST_PLACES = 40;
/** What names something and comes back as it was sent; and links of cards, which have to lead where they led. */
const NAMES = new Set(['id', 'conversation', 'ask', 'message', 'call', 'site', 'session', 'ticket', 'href']);

const actorsOf = (type: FrameType): (Staff | 'visitor')[] => [
  ...(visitorMaySend(type) || type === 'hello' ? (['visitor'] as const) : []),
  ...(maySendFrame('agent', type) ? (['ada'] as const) : []),
  ...(maySendFrame('bot', type) ? (['drafter'] as const) : []),
];

describe('a card number', () => {
  describe.each(TYPES)('in every field of %s', (type) => {
    for (const actor of actorsOf(type)) {
      it(`of ${actor} is hidden from everybody`, async () => {
        const house = await cast();
        let secret = await house.conversation(actor === 'visitor' ? 'ada' : actor);
        const hints: Hints = (path) =>
          ({
            conversation: secret.conversation,
            ask: secret.ask,
            wrapUp: 'answered',
            site: 'pk_shop_test',
            id: path.length === 1 ? 'sample-0001' : undefined,
          })[path.at(-1) ?? ''];
        const everything = async (): Promise<string[]> => {
          const { store } = house.relay;
          const { conversation } = secret;
          const { events } = await store.events({ conversation, count: 'staff', after: 0, limit: 1_000 });
          const state = await house.state(conversation);
          const row = await store.visitor(state.visitor.id);
          const told = [secret.line, house.witness].flatMap(({ frames }) => frames.splice(0));
          return [...stringsIn([events, state, row, told])].map(({ text }) => text.replace(/\D/g, ''));
        };
        const places = stringPlaces(FROM_CLIENT[type], hints).filter(({ path }) => !NAMES.has(path.at(-1) ?? ''));
        // Forms have hundreds of places of few kinds.
        const step = Math.ceil(places.length / MOST_PLACES);
        for (const place of places.filter((_, i) => i % step === 0)) {
          const before = await house.state(secret.conversation);
          const isOver = before.status === 'resolved' || (actor !== 'visitor' && before.owner?.id !== actor);
          if (isOver || type === 'hello') secret = await house.conversation(actor === 'visitor' ? 'ada' : actor);
          await house.witness.send({ type: 'watch', id: house.id(), conversation: secret.conversation });
          const line =
            type === 'hello'
              ? house.relay.line()
              : actor === 'visitor'
                ? secret.line
                : await house.relay.agent(`${actor}@desk`);
          const isAddress = place.path.at(-1) === 'url';
          const frame = place.build(
            isAddress ? `https://shop.example/pay?card=${BARE}` : `${CARD} or ${BARE}`,
          ) as Record<string, unknown>;
          const { ownership } = await house.state(secret.conversation);
          const own = { id: house.id(), conversation: secret.conversation, ownership, ask: secret.ask };
          for (const [key, value] of Object.entries(own)) if (key in frame && place.path[0] !== key) frame[key] = value;
          await line.push(frame);
          await house.relay.relay.settled();
          await turn();
          const where = `${type} ${place.path.join('.')} of ${actor}`;
          for (const text of await everything()) expect(text, where).not.toContain(BARE);
        }
      });
    }
  });

  it('that is hidden leaves the rest of a message as it was', async () => {
    const house = await cast();
    const secret = await house.conversation('ada');
    const frame = sampleOf(FROM_CLIENT.send, () => undefined) as Record<string, unknown>;
    await secret.line.send({
      ...frame,
      id: house.id(),
      conversation: secret.conversation,
      blocks: [{ kind: 'text', text: `**Pay** with ${CARD}, code 123, please` }],
    });
    const { event } = secret.line.last('event');
    expect(event.body).toMatchObject({
      blocks: [{ text: '**Pay** with 4000 05•• •••• 5556, code •••, please', tree: [{ kind: 'paragraph' }] }],
    });
    expect(JSON.stringify(event.body)).not.toContain('0566');
    expect((await house.state(secret.conversation)).last?.text).toContain('4000 05•• •••• 5556');
  });
});
