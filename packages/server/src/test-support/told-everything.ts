import { FROM_CLIENT, type FromClient } from '@sveiki/protocol';
import { maySendFrame, visitorMaySend } from '../domain/access.ts';
import type { Store } from '../ports.ts';
import { type Cast, cast, type Staff, text } from '../security/cast.ts';
import { type Hints, stringPlaces } from '../security/schema-samples.ts';
import { type TestLine, turn } from '../testing/relay-under-test.ts';

type FrameType = FromClient['type'];
/** What ends the person's line, or is none of a conversation's business. */
const LEFT_OUT: readonly FrameType[] = ['hello', 'resolve', 'get-list', 'set-presence', 'withdraw-consent', 'decline'];
/** Forms have hundreds of places of few kinds. */
const MANY = 60;
const EVERY = 12;

export interface Told {
  house: Cast;
  visitor: string;
  conversation: string;
  line: TestLine & { session: string };
}

/**
 * A person of whom something is told in every field of every frame that he or staff may send: his own mark, with a number behind it. Whatever is
 * added to a frame is told by itself.
 */
export async function toldEverything(store: Store, mark: string, house?: Cast): Promise<Told> {
  const own = house ?? (await cast(store));
  const { relay } = own;
  let count = 0;
  const word = (): string => `${mark}${String(++count).padStart(4, '0')}x`;
  relay.claims.set(`token of ${mark}`, { sub: word(), name: word(), email: `${word()}@shop.example` });
  const line = await relay.visitor({ identity: `token of ${mark}` });
  const conversation = own.id();
  await line.send({ type: 'visit', visit: { url: `https://shop.example/${word()}`, title: word() } });
  const before = { form: 'about-you', answers: { name: word() } };
  await line.send({ type: 'send', id: own.id(), conversation, blocks: text(word()), before });
  if ((await store.conversations([conversation])).size === 0)
    await line.send({ type: 'send', id: own.id(), conversation, blocks: text(word()) });
  const { visitor } = await own.state(conversation);
  const cleo = await relay.agent('cleo@tells');
  const lines: Partial<Record<Staff | 'visitor', TestLine>> = {
    visitor: line,
    ada: await relay.agent('ada@tells'),
    drafter: await relay.agent('drafter@tells'),
  };
  const answerable = { id: 'told', purpose: 'in-chat', fields: [{ kind: 'text', id: 'a', label: 'a' }] };
  for (const type of Object.keys(FROM_CLIENT) as FrameType[]) {
    if (LEFT_OUT.includes(type)) continue;
    for (const [actor, his] of Object.entries(lines)) {
      const isHis =
        actor === 'visitor' ? visitorMaySend(type) : maySendFrame(actor === 'drafter' ? 'bot' : 'agent', type);
      if (!isHis || his === undefined) continue;
      const places = stringPlaces(FROM_CLIENT[type], hintsFor(conversation, ''));
      for (const [n, place] of places.entries()) {
        const last = place.path.at(-1);
        if (last === 'id' || last === 'conversation' || (places.length > MANY && n % EVERY > 0)) continue;
        await putRight(own, cleo, line, conversation, actor);
        let ask = '';
        if (type === 'answer') {
          const { ownership } = await own.state(conversation);
          const what = { kind: 'form', form: answerable };
          await lines[actor === 'visitor' ? 'ada' : 'drafter']?.push({
            type: 'ask',
            id: own.id(),
            conversation,
            ownership,
            what,
          });
          await relay.relay.settled();
          ask = (await store.eventsOfKinds(conversation, ['asked'])).at(-1)?.id ?? '';
        }
        const { ownership, publicHead } = await own.state(conversation);
        const frame = place.build(word()) as Record<string, unknown>;
        const right: Record<string, unknown> = { id: own.id(), conversation, ownership, ask, replyTo: publicHead };
        for (const [key, value] of Object.entries(right)) if (key in frame && place.path[0] !== key) frame[key] = value;
        if (type === 'answer' && place.path[0] === 'answers') frame['answers'] = { a: word() };
        await his.push(frame);
        await relay.relay.settled();
        await turn();
      }
    }
  }
  return { house: own, visitor: visitor.id, conversation, line };
}

const hintsFor =
  (conversation: string, ask: string): Hints =>
  (path) => {
    const step = path.filter((one) => one !== '').at(-1);
    return step === 'conversation' ? conversation : step === 'ask' ? ask : step === 'site' ? 'pk_shop_test' : undefined;
  };

/** It goes on, and belongs to whoever speaks next. */
async function putRight(
  house: Cast,
  cleo: TestLine,
  line: TestLine,
  conversation: string,
  actor: string,
): Promise<void> {
  const owner = actor === 'visitor' ? 'ada' : actor;
  if ((await house.state(conversation)).status === 'resolved')
    await line.send({ type: 'send', id: house.id(), conversation, blocks: text('on') });
  const state = await house.state(conversation);
  if (state.owner?.id === owner) return;
  const to = { kind: owner === 'drafter' ? 'bot' : 'agent', id: owner };
  await cleo.send({ type: 'transfer', id: house.id(), conversation, ownership: state.ownership, to });
}
