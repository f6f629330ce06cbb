import { FROM_CLIENT, type FromClient, type Role } from '@sveiki/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maySendFrame, visitorMaySend } from '../domain/access.ts';
import { BOT_TOKEN, type OpenHouse, openHouse, PEOPLE, SITE_ORIGIN } from './open-house.ts';
import { agentHello, openLine, visitorHello, WAYS } from './open-line.ts';
import { sampleOf } from './schema-samples.ts';

let house: OpenHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.server.stop());

type FrameType = FromClient['type'];
const TYPES = (Object.keys(FROM_CLIENT) as FrameType[]).filter((type) => type !== 'hello');
const WHO: [string, Role | 'visitor'][] = [['a visitor', 'visitor'], ['faq', 'bot'], ...Object.entries(PEOPLE)];

async function botTicket(): Promise<string> {
  const response = await fetch(`${house.server.url}/desk/api/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_TOKEN}` },
  });
  return ((await response.json()) as { ticket: string }).ticket;
}

describe.each(WAYS)('over %s', (way) => {
  it.each(WHO)('%s (%s) is refused every frame that is not his, and no other', async (who, role) => {
    const line =
      role === 'visitor'
        ? await openLine(house, way, 'site', visitorHello)
        : await openLine(house, way, 'desk', agentHello(role === 'bot' ? await botTicket() : await house.ticket(who)));
    await line.until(({ type }) => type === 'welcome');
    const isHis = (type: FrameType): boolean => (role === 'visitor' ? visitorMaySend(type) : maySendFrame(role, type));
    const ids = new Map<string, FrameType>();
    const frames = TYPES.map((type, i) => {
      const frame = sampleOf(FROM_CLIENT[type]) as { id?: string };
      if ('id' in frame) {
        frame.id = `frame-${String(i).padStart(4, '0')}`;
        ids.set(frame.id, type);
      }
      return frame;
    });
    await line.send(...frames);
    for (const id of ids.keys()) await line.until((frame) => 'id' in frame && frame.id === id);
    const refused = line.frames.flatMap((one) => (one.type === 'nack' && one.code === 'forbidden' ? [one.id] : []));
    const notHis = [...ids].filter(([, type]) => !isHis(type)).map(([id]) => id);
    // A bot's draft is his only if the configuration says that it drafts.
    const drafts = [...ids].filter(([, type]) => type === 'draft' && role === 'bot').map(([id]) => id);
    expect(refused.toSorted()).toEqual([...notHis, ...drafts].toSorted());
    const errors = line.frames.filter((one) => one.type === 'error');
    expect(errors.map(({ code }) => code)).toEqual(
      TYPES.filter((type) => !isHis(type) && ![...ids.values()].includes(type)).map(() => 'forbidden'),
    );
    await line.end();
  });

  it.each([
    ['a visitor at the desk', 'desk', () => Promise.resolve(visitorHello), 4403],
    ['an agent at the site', 'site', async () => agentHello(await house.ticket('ada')), 4403],
    ['a made-up ticket', 'desk', () => Promise.resolve(agentHello('made-up-ticket')), 4401],
    ['a bot with its token as ticket', 'desk', () => Promise.resolve(agentHello(BOT_TOKEN)), 4401],
    ['a session as ticket', 'desk', async () => agentHello((await house.signedIn('ari')).token), 4401],
    ['a site that is not there', 'site', () => Promise.resolve({ ...visitorHello, site: 'constructor' }), 4403],
  ] as const)('%s is not let in', async (_name, door, hello, code) => {
    const line = await openLine(house, way, door, await hello());
    expect((await line.closed).code).toBe(code);
    expect(line.frames.map(({ type }) => type)).toEqual(['error']);
  });

  it('a ticket opens one line, once', async () => {
    const ticket = await house.ticket('ada');
    const first = await openLine(house, way, 'desk', agentHello(ticket));
    await first.until(({ type }) => type === 'welcome');
    const second = await openLine(house, way === 'http' ? 'socket' : 'http', 'desk', agentHello(ticket));
    expect((await second.closed).code).toBe(4401);
    await first.end();
  });
});

describe('the name of a line over HTTP', () => {
  it('is good only at its own door and from its own page', async () => {
    const answers: number[] = [];
    const line = await openLine(house, 'http', 'desk', agentHello(await house.ticket('ada')));
    await line.until(({ type }) => type === 'welcome');
    for (const [path, origin] of [
      ['/v1/frames', SITE_ORIGIN],
      ['/v1/frames', house.desk],
      ['/desk/frames', SITE_ORIGIN],
    ] as const)
      answers.push((await house.post(path, { line: 'x'.repeat(32), frames: [] }, { origin })).status);
    expect(answers).toEqual([404, 403, 403]);
    await line.end();
  });
});
