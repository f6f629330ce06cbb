import { type ConversationState, FROM_CLIENT, type FromClient, type FromServer } from '@sveiki/protocol';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { may, mayRead, maySendFrame, visitorMaySend } from '../domain/access.ts';
import { type TestLine, turn } from '../testing/relay-under-test.ts';
import { type Cast, cast, refusalIn, type Secret, STAFF, type Staff } from './cast.ts';
import { type Hints, sampleOf } from './schema-samples.ts';

type FrameType = FromClient['type'];
const TYPES = Object.keys(FROM_CLIENT) as FrameType[];
const STAFF_NAMES = Object.keys(STAFF) as Staff[];

/** Frames that somebody else than the owner may send with the right to act for others; all others that name an `ownership` are the owner's alone. */
const FOR_OTHERS: readonly FrameType[] = ['take', 'transfer', 'resolve'];
/** Codes by which the relay says that something is not for whoever asked. */
const DENIALS = ['forbidden', 'not-found', 'not-owner', 'already-taken', 'no-such-question', 'bad-frame'];

/** And those that never come when it is. */
const NEVER = ['forbidden', 'not-found', 'not-owner', 'bad-frame'];

const hasEntry = (type: FrameType, key: string): boolean =>
  JSON.stringify(sampleOf(FROM_CLIENT[type], undefined, true)).includes(`"${key}":`);
const namesConversation = (type: FrameType): boolean => hasEntry(type, 'conversation');
const isForOwner = (type: FrameType): boolean => hasEntry(type, 'ownership');

/** What has to come of a frame. `hidden`: as if there were no such conversation; `closed`: nobody hears it. */
type Outcome = 'allowed' | 'refused' | 'hidden' | 'not-his' | 'closed';
type Relation = 'own' | 'of a colleague' | 'in the queue' | 'of a bot' | 'of another visitor';

function expectedOfStaff(name: Staff, type: FrameType, state: ConversationState): Outcome {
  const role = STAFF[name];
  if (!maySendFrame(role, type) || (type === 'draft' && name !== 'drafter')) return 'refused';
  if (!namesConversation(type)) return 'allowed';
  if (!mayRead(state, { id: name, role }, name === 'drafter')) return 'hidden';
  if (!isForOwner(type) || state.owner?.id === name) return 'allowed';
  // What waits in the queue is for everybody to take, and to send on.
  if (state.owner === null && (type === 'take' || type === 'transfer')) return 'allowed';
  return FOR_OTHERS.includes(type) && may(role, 'act-for-others') ? 'allowed' : 'not-his';
}

const expectedOfVisitor = (type: FrameType, relation: Relation): Outcome =>
  !visitorMaySend(type) ? 'refused' : !namesConversation(type) || relation === 'own' ? 'allowed' : 'hidden';

let house: Cast;

function hintsFor(secret: Secret, ownership: number, id: string): Hints {
  return (path) => {
    switch (path.filter((step) => step !== '').at(-1)) {
      case 'id':
        return path.length === 1 ? id : path.includes('to') ? 'cleo' : undefined;
      case 'conversation':
        return secret.conversation;
      case 'ownership':
        return ownership;
      case 'visitor':
        return secret.visitor;
      case 'ask':
        return secret.ask === '' ? undefined : secret.ask;
      case 'wrapUp':
        return 'answered';
      case 'view':
        return 'visitor';
      case 'team':
        return 'sales';
      default:
        return undefined;
    }
  };
}

/** What comes by itself. */
const OF_THE_TIME: readonly FromServer['type'][] = ['ping', 'site', 'agents', 'queue', 'update'];

/** Everything of a conversation that a frame could change, and what others heard. */
async function picture(secret: Secret, line: TestLine) {
  const { store } = house.relay;
  return JSON.stringify([
    await house.state(secret.conversation),
    await store.events({ conversation: secret.conversation, count: 'staff', after: 0, limit: 1_000 }),
    [...(await store.cursors([secret.conversation]))],
    (await store.agents()).map(({ presence: _, ...agent }) => agent),
    // What its visitor heard, unless it is he who asks. His place in the queue changes with others.
    line === secret.line
      ? []
      : secret.line.frames.map(({ type }) => type).filter((type) => !OF_THE_TIME.includes(type)),
  ]);
}

async function settle(): Promise<void> {
  await turn();
  await house.relay.relay.settled();
  // Receipts and what is told about colleagues wait a moment for more of it.
  await house.relay.clock.advance(3_000);
  await house.relay.relay.settled();
}

/** Sends the frame, small and with everything in it, and gives what came back and whether anything changed. */
async function tryFrame(line: TestLine, type: FrameType, secret: Secret, every: boolean) {
  const id = house.id();
  const { ownership } = await house.state(secret.conversation);
  const frame = sampleOf(FROM_CLIENT[type], hintsFor(secret, ownership, id), every) as { id?: string };
  expect(v.safeParse(FROM_CLIENT[type], frame).success, JSON.stringify(frame)).toBe(true);
  await settle();
  const before = await picture(secret, line);
  const from = line.frames.length;
  // Some are answered only when time has passed, so nobody waits for the answer here.
  await line.push(frame);
  await settle();
  const frames = line.frames.slice(from).filter((one) => !OF_THE_TIME.includes(one.type));
  return { frames, refusal: refusalIn(frames, frame.id), isChanged: (await picture(secret, line)) !== before };
}

async function mustBe(outcome: Outcome, line: TestLine, type: FrameType, secret: Secret, isReader: boolean) {
  const refusals: (string | null)[] = [];
  for (const every of [true, false]) {
    const { frames, refusal, isChanged } = await tryFrame(line, type, secret, every);
    const said = JSON.stringify(frames);
    if (outcome === 'allowed') {
      // One of them is enough: some fields are only for some roles, and the second frame meets what the first one did.
      refusals.push(refusal);
      if (!every)
        expect(
          refusals.some((code) => code === null || !NEVER.includes(code)),
          said,
        ).toBe(true);
      continue;
    }
    expect(isChanged, `${type} changed something: ${said}`).toBe(false);
    if (!isReader) expect(said).not.toContain(secret.marker);
    if (outcome === 'closed') expect(frames).toEqual([]);
    else if (outcome === 'refused') expect(type === 'hello' ? ['bad-frame'] : ['forbidden'], said).toContain(refusal);
    else if (refusal !== null) expect(DENIALS, said).toContain(refusal);
    // What is not answered was seen to change nothing.
    else expect(frames, said).toEqual([]);
  }
}

describe('who may send what', () => {
  it.each(TYPES)('%s is somebody’s: a frame that nobody declared is nobody’s', (type) => {
    const declared =
      type === 'hello' || visitorMaySend(type) || Object.values(STAFF).some((r) => maySendFrame(r, type));
    expect(declared, `Say who may send "${type}" in domain/access.ts.`).toBe(true);
  });

  it('is nobody as long as nobody is named', () => {
    const strange = 'made-up' as FrameType;
    expect(visitorMaySend(strange)).toBe(false);
    for (const role of Object.values(STAFF)) expect(maySendFrame(role, strange)).toBe(false);
  });

  describe.each(TYPES)('%s', (type) => {
    beforeAll(async () => {
      house = await cast();
    });

    it('is heard from nobody before a hello', async () => {
      const secret = await house.conversation('ben');
      for (const door of ['site', 'desk'] as const) {
        const line = house.relay.line({ door });
        if (type === 'hello') continue; // Its own tests say who is let in.
        const { frames, isChanged } = await tryFrame(line, type, secret, true);
        expect(frames).toMatchObject([{ type: 'error', code: 'hello-first' }]);
        expect(line.closed?.code).toBe(4400);
        expect(isChanged).toBe(false);
      }
    });

    it('of a visitor is about his own conversation', async () => {
      const secret = await house.conversation('ben');
      await mustBe(expectedOfVisitor(type, 'own'), secret.line, type, secret, true);
    });

    it.each(['ben', 'faq', null] as const)('of a visitor never reaches another’s, owned by %s', async (owner) => {
      const secret = await house.conversation(owner);
      const { line } = await house.conversation('ben');
      const outcome = expectedOfVisitor(type, 'of another visitor');
      await mustBe(outcome, line, type, secret, false);
      // Nor from somebody who has no conversation at all.
      await mustBe(outcome, await house.relay.visitor(), type, secret, false);
    });

    it.each(
      STAFF_NAMES.flatMap((name) =>
        (['own', 'of a colleague', 'in the queue', 'of a bot'] as const).map((relation) => [name, relation] as const),
      ),
    )('of %s about a conversation %s is as declared', async (name, relation) => {
      const bot = name === 'faq' ? 'drafter' : 'faq';
      const owner = { own: name, 'of a colleague': 'ben', 'in the queue': null, 'of a bot': bot } as const;
      const secret = await house.conversation(owner[relation]);
      const state = await house.state(secret.conversation);
      const line = await house.relay.agent(`${name}@desk`);
      const outcome = expectedOfStaff(name, type, state);
      const isReader = mayRead(state, { id: name, role: STAFF[name] }, name === 'drafter');
      await mustBe(outcome, line, type, secret, isReader);
      await line.cut();
    });

    it('of somebody who was signed out, or has left, is heard by nobody', async () => {
      const secret = await house.conversation('ben');
      const out = await house.relay.agent('rex@phone');
      house.relay.bus.publish({ kind: 'revoked', what: 'agent-session', id: 'session-of-rex at phone' });
      const { store, bus } = house.relay;
      const dora = await store.agent('dora');
      if (dora === null) throw new Error('Dora is there.');
      await store.saveAgent({ ...dora, active: true });
      bus.publish({ kind: 'agents' });
      await turn();
      const left = await house.relay.agent('dora');
      await store.saveAgent({ ...dora, active: false });
      bus.publish({ kind: 'revoked', what: 'agent', id: 'dora' });
      for (const line of [out, left]) {
        await turn();
        expect(line.closed?.code).toBe(4401);
        await mustBe('closed', line, type, secret, false);
      }
      const again = await house.relay.agent('dora');
      expect(again.frames).toMatchObject([{ type: 'error', code: 'bad-ticket' }]);
    });
  });
});
