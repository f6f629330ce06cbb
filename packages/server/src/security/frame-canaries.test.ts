import { ERRORS, FROM_CLIENT, FROM_SERVER, type FromClient } from '@sveiki/protocol';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { maySendFrame, visitorMaySend } from '../domain/access.ts';
import { type TestLine, turn } from '../testing/relay-under-test.ts';
import { badAddressIn, bare, CANARIES, stringsIn } from './canaries.ts';
import { type Cast, cast, refusalIn, type Secret, type Staff } from './cast.ts';
import { type Hints, type StringPlace, stringPlaces } from './schema-samples.ts';

type FrameType = FromClient['type'];
const TYPES = Object.keys(FROM_CLIENT) as FrameType[];

/** What of a frame of staff is meant for the visitor. Everything else of staff never reaches him: a new field need not be named to be kept. */
const FOR_VISITORS: Partial<Record<FrameType, readonly string[]>> = {
  send: ['blocks'],
  ask: ['what'],
  stream: ['text', 'message'],
  'call-tool': ['id', 'tool', 'input'],
};

/** Canaries for each place; forms have hundreds of places of few kinds. */
const PER_PLACE = 8;
const PER_PLACE_OF_MANY = 2;
const MANY = 100;

const actorsOf = (type: FrameType): (Staff | 'visitor')[] => [
  ...(visitorMaySend(type) || type === 'hello' ? (['visitor'] as const) : []),
  ...(maySendFrame('agent', type) ? (['ada'] as const) : []),
  ...(maySendFrame('bot', type) ? (['drafter'] as const) : []),
];

function hintsFor(secret: Secret, ownership: number, id: string): Hints {
  return (path) => {
    switch (path.filter((step) => step !== '').at(-1)) {
      case 'id':
        return path.length === 1 ? id : path.includes('to') ? 'cleo' : undefined;
      case 'conversation':
        return secret.conversation;
      case 'ownership':
        return ownership;
      case 'ask':
        return secret.ask;
      case 'wrapUp':
        return 'answered';
      case 'site':
        return 'pk_shop_test';
      default:
        return undefined;
    }
  };
}

interface Stage {
  house: Cast;
  secret: Secret;
  line: TestLine;
}

async function stageFor(house: Cast, actor: Staff | 'visitor', type: FrameType): Promise<Stage> {
  const secret = await house.conversation(actor === 'visitor' ? 'ada' : actor);
  await house.witness.send({ type: 'watch', id: house.id(), conversation: secret.conversation });
  const line =
    type === 'hello'
      ? house.relay.line()
      : actor === 'visitor'
        ? secret.line
        : await house.relay.agent(`${actor}@desk`);
  return { house, secret, line };
}

async function tell(stage: Stage, place: StringPlace, sent: string) {
  const { house, secret, line } = stage;
  const { ownership } = await house.state(secret.conversation);
  const id = house.id();
  // The places were made for another conversation: what names it is put right here.
  const made = place.build(sent) as Record<string, unknown>;
  const own = hintsFor(secret, ownership, id);
  for (const key of ['id', 'conversation', 'ownership', 'ask'])
    if (key in made && place.path[0] !== key) made[key] = own([key]) ?? made[key];
  const from = { actor: line.frames.length, visitor: secret.line.frames.length, staff: house.witness.frames.length };
  await line.push(made);
  await house.relay.relay.settled();
  await turn();
  const answers = line.frames.slice(from.actor);
  const atVisitor = secret.line.frames.slice(from.visitor);
  const atStaff = house.witness.frames.slice(from.staff);
  return { made, answers, atVisitor, atStaff };
}

async function check(stage: Stage, actor: Staff | 'visitor', type: FrameType, place: StringPlace, sent: string) {
  const { made, answers, atVisitor, atStaff } = await tell(stage, place, sent);
  const where = `${type} ${place.path.join('.')} of ${actor}: ${JSON.stringify(sent)}`;
  for (const frame of [...answers, ...atVisitor, ...atStaff]) {
    expect(v.safeParse(FROM_SERVER[frame.type], frame).success, `${where}: ${JSON.stringify(frame)}`).toBe(true);
    expect(badAddressIn(frame), where).toBeNull();
  }
  const refusal = refusalIn(answers, made['id']);
  if (refusal !== null) {
    expect(Object.keys(ERRORS)).toContain(refusal);
    expect(refusal, where).not.toBe('internal');
  }
  if (actor !== 'visitor' && FOR_VISITORS[type]?.includes(place.path[0] ?? '') !== true) {
    expect(JSON.stringify(atVisitor), where).not.toContain(JSON.stringify(sent).slice(1, -1));
  }
  const { store } = stage.house.relay;
  const { conversation } = stage.secret;
  const { events } = await store.events({ conversation, count: 'staff', after: 0, limit: 1_000 });
  const [mark = ''] = /MARK\d+$/.exec(sent) ?? [];
  if (mark === '') return;
  const kept = [...stringsIn([events, await stage.house.state(conversation)])].filter(({ text }) =>
    text.includes(mark),
  );
  // Whatever is kept of it is a piece of what was sent, or stands whole in a sentence of the relay; never something that was made of it.
  for (const { text } of kept) if (!text.includes(sent)) expect(bare(sent), where).toContain(bare(text));
  const isAcked = answers.some((frame) => frame.type === 'ack' && frame.id === made['id']);
  if (isAcked && place.path[0] === 'blocks' && place.path.at(-1) === 'text')
    expect(
      kept.map(({ text }) => text),
      where,
    ).toContain(sent);
}

let marks = 0;

describe('a text that is more than a text', () => {
  describe.each(TYPES)('in every field of %s', (type) => {
    for (const actor of actorsOf(type)) {
      it(`of ${actor} stays one`, async () => {
        const house = await cast();
        let stage = await stageFor(house, actor, type);
        const places = stringPlaces(FROM_CLIENT[type], hintsFor(stage.secret, 1, 'sample-0001'));
        const count = places.length > MANY ? PER_PLACE_OF_MANY : PER_PLACE;
        for (const [n, place] of places.entries()) {
          for (let i = 0; i < count; i++) {
            const canary = CANARIES[(n * count + i) % CANARIES.length] ?? '';
            const { owner, status } = await house.state(stage.secret.conversation);
            const isOver = status === 'resolved' || (actor !== 'visitor' && owner?.id !== actor) || stage.line.closed;
            if (isOver || type === 'hello') stage = await stageFor(house, actor, type);
            await check(stage, actor, type, place, i % 2 === 0 ? `${canary} MARK${++marks}` : canary);
          }
        }
        // It lives: somebody new is welcomed, and heard.
        const last = await stageFor(house, 'visitor', 'send');
        await last.line.send({
          type: 'get-events',
          id: 'the-last-1',
          conversation: last.secret.conversation,
          after: 0,
        });
        expect(JSON.stringify(last.line.last('events'))).toContain(last.secret.marker);
      });
    }
  });

  it('is tried in more than a hundred places', () => {
    const places = TYPES.flatMap((type) => stringPlaces(FROM_CLIENT[type]));
    expect(places.length).toBeGreaterThan(700);
    expect(places.filter(({ path }) => path.length === 0)).toEqual([]);
  });
});
