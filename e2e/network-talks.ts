import type { storedMessages } from '../tools/replay/stored-messages.ts';
import type { Shown } from '../tools/replay/visitor.ts';
import { type NetworkHouse, type Talk, talk } from './network-house.ts';

/** Conversations one after the other, `parallel` at a time, until the network has broken so many connections. */
export async function talkUntil(
  house: NetworkHouse,
  options: { cuts: number; parallel: number; turns: number; signal: AbortSignal },
): Promise<Talk[]> {
  const { cuts, parallel, turns, signal } = options;
  const agents = [await house.agent('ada'), await house.agent('ben')] as const;
  const talks: Talk[] = [];
  const work = async (place: number): Promise<void> => {
    for (let round = 0; house.proxy.cuts < cuts; round++) {
      const chat = house.visitor({ transport: place % 3 === 2 ? 'http' : 'websocket' });
      const agent = agents[place % 2 === 0 ? 0 : 1];
      talks.push(await talk({ chat, agent, name: `${place}-${round}`, turns, signal }));
      await chat.destroy();
    }
  };
  await Promise.all(Array.from({ length: parallel }, (_, place) => work(place)));
  return talks;
}

/** What was said against what is stored, acknowledged and on both screens: whatever is not the same, in words. */
export function differences(talks: readonly Talk[], stored: ReturnType<typeof storedMessages>): string[] {
  const found: string[] = [];
  const known = new Set(talks.map(({ conversation }) => conversation));
  for (const { conversation, id } of stored) if (!known.has(conversation)) found.push(`${id} is nobody’s`);
  for (const { conversation, said, acked, screens } of talks) {
    const log = stored.filter((message) => message.conversation === conversation);
    const expected = textOf(said);
    const places = {
      'in the log': log,
      'on the visitor’s screen': screens.visitor,
      'on the agent’s screen': screens.agent,
    };
    for (const [place, shown] of Object.entries(places))
      if (textOf(shown) !== expected)
        found.push(`${conversation} ${place}:\n${textOf(shown)}\ninstead of\n${expected}`);
    const ids = new Set(log.map(({ id }) => id));
    for (const ack of acked)
      if (ack.conversation !== conversation || !ids.has(ack.id))
        found.push(`${ack.id} was acknowledged and is not stored`);
    if (new Set(acked.map(({ id }) => id)).size !== said.length) found.push(`${conversation} has doubled acks`);
  }
  return found;
}

const textOf = (shown: readonly Shown[]): string => shown.map(({ role, text }) => `${role}: ${text}`).join('\n');
