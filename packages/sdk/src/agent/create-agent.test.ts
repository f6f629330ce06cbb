import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, pair } from '../testing/pair.ts';
import type { Agent } from './types.ts';

let at: Pair;
beforeEach(async () => {
  at = await pair();
});
afterEach(async () => {
  await at.destroy();
  expect({ lines: at.network.open, timers: at.clock.waiting }).toEqual({ lines: 0, timers: 0 });
});

const textsOf = (agent: Agent, conversation: string) =>
  (agent.state.watched.get(conversation)?.events ?? []).flatMap(({ body }) =>
    body.kind === 'message' || body.kind === 'note' ? [body.blocks.map(({ text }) => text).join('\n')] : [],
  );

/** Mia has asked, Ada has taken it. */
async function talking() {
  const conversation = at.server.visitor('Mia').say('Is the blue scarf still there?');
  const taken = at.agent.take(conversation);
  await at.clock.advance(500);
  await taken;
  return conversation;
}

/** Nothing goes through, over whatever. */
function goOffline() {
  at.network.mode = 'refused';
  at.http.mode = 'refused';
  at.network.cut();
}
function comeBack() {
  at.network.mode = 'ok';
  at.http.mode = 'ok';
}

describe('createAgent', () => {
  it('is welcomed with who he is, colleagues, teams, canned replies and counts', () => {
    expect(at.agent.state).toMatchObject({
      connection: { status: 'online', via: 'websocket' },
      me: { id: 'ada', name: 'Ada', role: 'agent', presence: 'online' },
      signedIn: true,
      agents: [{ id: 'ada' }, { id: 'ben' }, { id: 'cleo' }],
      teams: [{ id: 'sales' }, { id: 'billing' }],
      counts: { mine: 0, queue: 0, open: 0, resolved: 0 },
      problem: null,
    });
  });

  it('takes, answers, notes and resolves; each call resolves with where it ended', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    expect(agent.state.watched.get(conversation)?.state.owner).toEqual({ id: 'ada', name: 'Ada' });
    const sent = agent.send(conversation, 'Yes, two are left.');
    expect(agent.state.watched.get(conversation)?.pending).toMatchObject([
      { kind: 'message', text: 'Yes, two are left.', error: null },
    ]);
    await clock.advance(100);
    expect(await sent).toMatchObject({ conversation, seq: 4 });
    expect(agent.state.watched.get(conversation)?.pending).toEqual([]);
    const noted = agent.note(conversation, 'A regular');
    const resolved = agent.resolve(conversation, { wrapUp: 'sold' });
    await clock.advance(500);
    expect(await noted).toMatchObject({ seq: 5 });
    expect(await resolved).toMatchObject({ seq: 6 });
    expect(server.conversations.get(conversation)?.state).toMatchObject({ status: 'resolved', wrapUp: 'sold' });
    expect(agent.state.conversations.get(conversation)).toMatchObject({ status: 'resolved' });
    expect(agent.state.counts).toEqual({ mine: 0, queue: 0, open: 0, resolved: 1 });
    expect(agent.state.watched.has(conversation)).toBe(false);
  });

  it('knows the new ownership number right after a take', async () => {
    const { agent, clock, server } = at;
    const conversation = server.visitor('Mia').say('Hello');
    // An ack that arrives long before the event it speaks of.
    at.network.meddle = (text, direction) => (direction === 'down' && text.includes('"snapshot"') ? [] : [text]);
    const answered = agent.take(conversation).then(() => agent.send(conversation, 'Hello Mia'));
    await clock.advance(100);
    at.network.meddle = null;
    await clock.advance(3_000);
    await expect(answered).resolves.toMatchObject({ conversation });
    expect(server.transcript(conversation)).toEqual([
      { by: 'visitor', text: 'Hello' },
      { by: 'ada', text: 'Hello Mia' },
    ]);
  });

  it('tells about new questions, what is given to him and what is taken away', async () => {
    const { agent, clock, server } = at;
    const heard: string[] = [];
    agent.on('queued', ({ id }) => heard.push(`queued ${id}`));
    agent.on('assigned', ({ id }) => heard.push(`assigned ${id}`));
    agent.on('lost', ({ id }) => heard.push(`lost ${id}`));
    const mia = server.visitor('Mia').say('Hello');
    await clock.advance(500);
    expect(heard.splice(0)).toEqual([`queued ${mia}`]);
    await Promise.all([agent.take(mia), clock.advance(500)]);
    expect(heard.splice(0)).toEqual([]);
    server.agent('cleo').take(mia);
    await clock.advance(500);
    expect(heard.splice(0)).toEqual([`lost ${mia}`]);
    server.agent('cleo').transfer(mia, { agent: 'ada' });
    await clock.advance(500);
    expect(heard.splice(0)).toEqual([`assigned ${mia}`]);
    await Promise.all([agent.transfer(mia, { team: 'billing' }, { note: 'An invoice' }), clock.advance(500)]);
    expect(heard.splice(0)).toEqual([]);
    server.agent('ben').take(mia);
    server.agent('ben').transfer(mia, { team: 'sales' });
    await clock.advance(500);
    server.requeue(mia);
    await clock.advance(500);
    expect(agent.state.conversations.get(mia)).toMatchObject({ owner: null, team: { id: 'sales' } });
  });

  it('hears live messages of others once, and marks them delivered and read', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    const heard: string[] = [];
    agent.on('message', ({ event }) => heard.push(event.id));
    server.visitor('Mia').say('Hello?');
    await Promise.all([agent.send(conversation, 'One moment'), clock.advance(100)]);
    expect(heard).toHaveLength(1);
    expect(server.conversations.get(conversation)?.cursors.get('ada')).toEqual({ delivered: 4, read: 0 });
    agent.markRead(conversation);
    await clock.advance(100);
    expect(server.conversations.get(conversation)?.cursors.get('ada')).toEqual({ delivered: 5, read: 5 });
    server.visitor('Mia').read();
    await clock.advance(100);
    expect(agent.state.watched.get(conversation)?.receipts).toContainEqual({
      reader: { kind: 'visitor' },
      delivered: 5,
      read: 5,
    });
  });

  it('sees visitor and colleagues type, and who else has it on screen', async () => {
    const { agent, clock, server, newAgent } = at;
    const conversation = await talking();
    const ben = newAgent('ben');
    await Promise.all([ben.connect(), clock.advance(100)]);
    const [leaveAda] = await Promise.all([agent.watch(conversation), clock.advance(100)]);
    const [leaveBen] = await Promise.all([ben.watch(conversation), clock.advance(100)]);
    expect(agent.state.watched.get(conversation)?.viewers).toEqual([{ id: 'ben', name: 'Ben', typing: false }]);
    ben.typing(conversation);
    server.visitor('Mia').typing();
    await clock.advance(100);
    expect(agent.state.watched.get(conversation)).toMatchObject({ visitorTyping: true, viewers: [{ typing: true }] });
    await clock.advance(6_100);
    expect(agent.state.watched.get(conversation)).toMatchObject({ visitorTyping: false, viewers: [{ typing: false }] });
    // A note is told as one, at once also after a reply, and the visitor's line hears of it nothing but the reply's end.
    const viewers = () => agent.state.watched.get(conversation)?.viewers;
    ben.typing(conversation);
    ben.typing(conversation, { note: true });
    await clock.advance(100);
    expect(viewers()).toEqual([{ id: 'ben', name: 'Ben', typing: true, note: true }]);
    await clock.advance(6_100);
    expect(viewers()).toEqual([{ id: 'ben', name: 'Ben', typing: false }]);
    leaveBen();
    leaveBen();
    await clock.advance(100);
    expect(agent.state.watched.get(conversation)?.viewers).toEqual([]);
    expect(ben.state.watched.has(conversation)).toBe(false);
    leaveAda();
    // Her own conversation stays live when it leaves the screen.
    expect(agent.state.watched.has(conversation)).toBe(true);
  });

  it('knows where the visitor is', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    server.visitor('Mia').visit({ url: 'https://shop.example.com/scarves', title: 'Scarves' });
    await clock.advance(100);
    expect(agent.state.watched.get(conversation)?.visitor).toMatchObject({ name: 'Mia', visit: { title: 'Scarves' } });
  });

  it('keeps a refused answer for the agent, who may try again with what holds now', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    const [leave] = await Promise.all([agent.watch(conversation), clock.advance(100)]);
    server.agent('cleo').take(conversation);
    const refused = agent.send(conversation, 'One more thing');
    refused.catch(() => {});
    await clock.advance(500);
    await expect(refused).rejects.toMatchObject({ code: 'not-owner', retryable: false });
    const [pending] = agent.state.watched.get(conversation)?.pending ?? [];
    expect(pending).toMatchObject({ text: 'One more thing', error: { code: 'not-owner' } });
    server.agent('cleo').transfer(conversation, { agent: 'ada' });
    await clock.advance(500);
    agent.retry(conversation, pending?.id ?? '');
    await clock.advance(500);
    expect(textsOf(agent, conversation)).toEqual(['Is the blue scarf still there?', 'One more thing']);
    expect(agent.state.watched.get(conversation)?.pending).toEqual([]);
    leave();
  });

  it('forgets a refused note when it is discarded', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    server.refuse('too-large');
    agent.note(conversation, 'A very long note').catch(() => {});
    await clock.advance(100);
    const [pending] = agent.state.watched.get(conversation)?.pending ?? [];
    expect(pending).toMatchObject({ kind: 'note', error: { code: 'too-large' } });
    agent.discard(conversation, pending?.id ?? '');
    expect(agent.state.watched.get(conversation)?.pending).toEqual([]);
  });

  it('[M4] sends what was refused together again in its order, after one wait and not after ten', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    server.refuse('unavailable', { times: 10 });
    const notes = Array.from({ length: 10 }, (_, n) => `Note ${n}`);
    for (const note of notes) void agent.note(conversation, note);
    await clock.advance(1_000);
    const stored = server.conversations
      .get(conversation)
      ?.events.flatMap(({ body }) => (body.kind === 'note' ? body.blocks : []));
    expect(stored?.map((block) => ('text' in block ? block.text : ''))).toEqual(notes);
  });

  it('does what was asked while it was away, once and in order', async () => {
    const { agent, clock, server } = at;
    const conversation = await talking();
    goOffline();
    const sent = ['One', 'Two', 'Three'].map((text) => agent.send(conversation, text));
    const resolved = agent.resolve(conversation, { wrapUp: 'answered' });
    await clock.advance(5_000);
    expect(agent.state.watched.get(conversation)?.pending.map(({ text }) => text)).toEqual(['One', 'Two', 'Three']);
    comeBack();
    await clock.advance(60_000);
    await Promise.all([...sent, resolved]);
    expect(server.transcript(conversation).map(({ text }) => text)).toEqual([
      'Is the blue scarf still there?',
      'One',
      'Two',
      'Three',
    ]);
    expect(server.conversations.get(conversation)?.state.status).toBe('resolved');
  });

  it('does nothing twice when the ack is lost', async () => {
    const { agent, clock, server, network } = at;
    const conversation = await talking();
    network.meddle = (text, direction) => (direction === 'down' && /"type":"(ack|event)"/.test(text) ? [] : [text]);
    const sent = agent.send(conversation, 'Yes');
    await clock.advance(100);
    network.meddle = null;
    network.cut();
    await clock.advance(30_000);
    await sent;
    expect(server.transcript(conversation).map(({ text }) => text)).toEqual(['Is the blue scarf still there?', 'Yes']);
    expect(textsOf(agent, conversation)).toEqual(['Is the blue scarf still there?', 'Yes']);
  });

  it('is up to date after a break: what came, what is gone, what changed in lists', async () => {
    const { agent, clock, server, network } = at;
    const conversation = await talking();
    const noah = server.visitor('Noah').say('And mine?');
    await clock.advance(1_000);
    expect(agent.state.conversations.size).toBe(2);
    goOffline();
    server.agent('cleo').take(conversation);
    server.agent('ben').take(noah);
    server.agent('ben').resolve(noah);
    await clock.advance(5_000);
    comeBack();
    await clock.advance(60_000);
    expect(network.open).toBe(2);
    expect(agent.state.watched.has(conversation)).toBe(false);
    expect(agent.state.conversations.get(conversation)?.owner?.id).toBe('cleo');
    expect(agent.state.conversations.has(noah)).toBe(false);
  });

  it('keeps what becomes its own while it asks, after a break, what is its own', async () => {
    const { agent, clock, server, network } = at;
    const mia = server.visitor('Mia');
    const conversation = mia.say('Is the blue scarf still there?');
    await clock.advance(500);
    let old = '';
    network.meddle = (frame, direction) => {
      if (direction === 'up' || !frame.includes('"view":"mine"')) return [frame];
      old = frame;
      return [];
    };
    network.cut();
    await clock.advance(1_000);
    expect(old).not.toBe('');
    server.agent('ada').take(conversation);
    network.meddle = (frame, direction) =>
      direction === 'up' || !frame.includes('the red one') ? [frame] : [frame, old];
    mia.say('And the red one?');
    await clock.advance(500);
    mia.say('Hello?');
    await clock.advance(500);
    expect(textsOf(agent, conversation)).toEqual(['Is the blue scarf still there?', 'And the red one?', 'Hello?']);
    network.meddle = null;
  });

  it('asks again what changed when the relay could not say it after a break', async () => {
    const { agent, clock, server, network } = at;
    const conversation = server.visitor('Noah').say('And mine?');
    await clock.advance(1_000);
    goOffline();
    server.agent('ben').take(conversation);
    server.agent('ben').resolve(conversation);
    await clock.advance(5_000);
    let refused = 0;
    network.meddle = (frame, direction) => {
      if (direction === 'up' || !frame.includes('"type":"list"') || refused++ > 0) return [frame];
      const { id } = JSON.parse(frame) as { id: string };
      return [JSON.stringify({ type: 'nack', id, code: 'internal', message: 'Not now.', retry: 'later' })];
    };
    comeBack();
    await clock.advance(60_000);
    expect(refused).toBeGreaterThan(1);
    expect(agent.state.conversations.has(conversation)).toBe(false);
  });

  it('heals a hole in a watched conversation, also at its end', async () => {
    const { agent, clock, server, network } = at;
    const conversation = await talking();
    let lost = 0;
    network.meddle = (text, direction) =>
      direction === 'down' && text.includes('"event"') && lost++ === 0 ? [] : [text];
    for (const text of ['One', 'Two', 'Three']) server.visitor('Mia').say(text);
    await clock.advance(100);
    expect(textsOf(agent, conversation)).toEqual(['Is the blue scarf still there?', 'One', 'Two', 'Three']);
    lost = 0;
    server.visitor('Mia').say('Four');
    await clock.advance(100);
    expect(textsOf(agent, conversation)).not.toContain('Four');
    await clock.advance(26_000);
    expect(textsOf(agent, conversation)).toContain('Four');
    expect(agent.state.watched.get(conversation)?.events).toEqual(server.log(conversation, 'agent').events);
  });

  it('lists conversations by pages and keeps them in its state', async () => {
    const { agent, clock, server } = at;
    for (const name of ['Mia', 'Noah', 'Olga', 'Pavel']) {
      server.visitor(name).say(`I am ${name}`);
      await clock.advance(10);
    }
    const [first] = await Promise.all([agent.list({ view: 'queue', limit: 3 }), clock.advance(500)]);
    expect(first.conversations.map(({ visitor }) => visitor.name)).toEqual(['Mia', 'Noah', 'Olga']);
    const [second] = await Promise.all([
      agent.list({ view: 'queue', limit: 3, before: first.cursor ?? 0 }),
      clock.advance(500),
    ]);
    expect(second.conversations.map(({ visitor }) => visitor.name)).toEqual(['Pavel']);
    expect(second.cursor).toBeNull();
    expect(agent.state.conversations.size).toBe(4);
    expect(agent.state.counts).toMatchObject({ queue: 4, open: 4 });
  });

  it('pages older history in', async () => {
    const { agent, clock, server } = at;
    const conversation = server.visitor('Mia').say('Hello');
    for (let i = 0; i < 70; i++) server.visitor('Mia').say(`And ${i}`);
    const [leave] = await Promise.all([agent.watch(conversation), clock.advance(100)]);
    expect(agent.state.watched.get(conversation)).toMatchObject({ hasOlder: true });
    expect(agent.state.watched.get(conversation)?.events).toHaveLength(50);
    await Promise.all([agent.loadOlder(conversation), clock.advance(100)]);
    expect(agent.state.watched.get(conversation)).toMatchObject({ hasOlder: false });
    expect(agent.state.watched.get(conversation)?.events).toEqual(server.log(conversation, 'agent').events);
    leave();
    expect(agent.state.watched.has(conversation)).toBe(false);
  });

  it('says how present he is', async () => {
    const { agent, clock, newAgent } = at;
    const ben = newAgent('ben');
    await Promise.all([ben.connect(), clock.advance(100)]);
    await Promise.all([agent.setPresence('away'), clock.advance(100)]);
    expect(agent.state.me?.presence).toBe('away');
    expect(ben.state.agents.find(({ id }) => id === 'ada')?.presence).toBe('away');
  });

  it('names what it asks for when nothing is there', async () => {
    const { agent, clock } = at;
    const watched = agent.watch('conversation-of-nobody');
    watched.catch(() => {});
    await clock.advance(100);
    await expect(watched).rejects.toMatchObject({ code: 'not-found' });
    await expect(agent.send('conversation-of-nobody', ' ')).rejects.toMatchObject({ code: 'empty-message' });
    await expect(agent.note('conversation-of-nobody', 'x'.repeat(20_000))).rejects.toMatchObject({ code: 'too-large' });
  });

  it('rejects everything after destroy', async () => {
    const { agent, server } = at;
    const conversation = await talking();
    at.network.stall('both');
    const sent = agent.send(conversation, 'Hello');
    await agent.destroy();
    await expect(sent).rejects.toMatchObject({ code: 'destroyed' });
    for (const call of [
      agent.connect(),
      agent.take(conversation),
      agent.list({ view: 'mine' }),
      agent.watch(conversation),
      agent.signOut(),
    ])
      await expect(call).rejects.toMatchObject({ code: 'destroyed' });
    at.network.flow();
    expect(server.transcript(conversation)).toHaveLength(1);
  });
});

describe('signing in', () => {
  const desk = () => at.newAgent('', { getTicket: undefined as never });

  it('says that nobody is signed in, and opens nothing', async () => {
    const agent = desk();
    const tried = at.network.tried;
    const connected = agent.connect();
    connected.catch(() => {});
    await at.clock.advance(100);
    await expect(connected).rejects.toMatchObject({ code: 'signed-out' });
    expect(agent.state).toMatchObject({ signedIn: false, me: null, connection: { status: 'closed' } });
    expect(at.network.tried).toBe(tried);
  });

  it('signs in with a password, connects, and signs out', async () => {
    const agent = desk();
    await expect(agent.signIn({ email: 'ada@example.com', password: 'guess' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await agent.signIn({ email: 'ada@example.com', password: 'ada-ada-ada' });
    await Promise.all([agent.connect(), at.clock.advance(100)]);
    expect(agent.state).toMatchObject({ signedIn: true, me: { id: 'ada' } });
    await agent.signOut();
    expect(agent.state).toMatchObject({ signedIn: false, me: null, connection: { status: 'idle' }, agents: [] });
    const again = agent.connect();
    again.catch(() => {});
    await at.clock.advance(100);
    await expect(again).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('signs in with a link once', async () => {
    const agent = desk();
    await agent.signInWithCode('code-ben');
    await Promise.all([agent.connect(), at.clock.advance(100)]);
    expect(agent.state.me?.name).toBe('Ben');
    await expect(agent.signInWithCode('code-ben')).rejects.toMatchObject({ code: 'bad-ticket' });
  });

  it('notices that its session ended elsewhere', async () => {
    const agent = desk();
    await agent.signIn({ email: 'ada@example.com', password: 'ada-ada-ada' });
    await Promise.all([agent.connect(), at.clock.advance(100)]);
    const errors: string[] = [];
    agent.on('error', ({ code }) => errors.push(code));
    await at.http.fetch('https://chat.example.com/desk/api/session', { method: 'DELETE' });
    await at.clock.advance(1_000);
    expect(agent.state).toMatchObject({ signedIn: false, me: null, connection: { status: 'closed' } });
    expect(errors).toEqual(['signed-out']);
  });

  it('takes a new ticket when the line was closed but the session holds', async () => {
    const agent = desk();
    await agent.signIn({ email: 'ada@example.com', password: 'ada-ada-ada' });
    await Promise.all([agent.connect(), at.clock.advance(100)]);
    at.server.signOut('ada');
    await at.clock.advance(1_000);
    expect(agent.state).toMatchObject({ signedIn: true, connection: { status: 'online' } });
  });

  it('sends nothing of one agent in the name of the next', async () => {
    const agent = desk();
    await agent.signIn({ email: 'ada@example.com', password: 'ada-ada-ada' });
    await Promise.all([agent.connect(), at.clock.advance(100)]);
    const conversation = at.server.visitor('Mia').say('Hello');
    await Promise.all([agent.take(conversation), at.clock.advance(500)]);
    await at.http.fetch('https://chat.example.com/desk/api/session', { method: 'DELETE' });
    const sent = agent.send(conversation, 'From Ada');
    sent.catch(() => {});
    await at.clock.advance(1_000);
    await agent.signIn({ email: 'ben@example.com', password: 'ben-ben-ben' });
    await Promise.all([agent.connect(), at.clock.advance(1_000)]);
    await expect(sent).rejects.toMatchObject({ code: 'signed-out' });
    expect(agent.state.me?.id).toBe('ben');
    expect(at.server.transcript(conversation)).toHaveLength(1);
  });

  it('keeps trying while the relay cannot be reached, and takes no portal for it', async () => {
    const agent = desk();
    await agent.signIn({ email: 'ada@example.com', password: 'ada-ada-ada' });
    at.http.mode = 'refused';
    const connected = agent.connect();
    await at.clock.advance(2_000);
    expect(agent.state.connection.status).toBe('reconnecting');
    await expect(agent.signIn({ email: 'a', password: 'b' })).rejects.toMatchObject({
      code: 'offline',
      retryable: true,
    });
    at.http.mode = 'portal';
    await at.clock.advance(5_000);
    expect(agent.state.signedIn).toBe(true);
    at.http.mode = 'ok';
    await Promise.all([connected, at.clock.advance(30_000)]);
    expect(agent.state.connection.status).toBe('online');
  });
});
