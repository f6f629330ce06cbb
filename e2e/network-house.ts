import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chat, type ChatState, type Clock, createChat, type KeyValueStorage, systemClock } from '@sveiki/sdk';
import { type Agent, createAgent } from '@sveiki/sdk/agent';
import { parseConfig } from '../packages/server/src/config.ts';
import { silentLog } from '../packages/server/src/log.ts';
import { DATABASE_FILE, type RunningServer, startServer } from '../packages/server/src/main.ts';
import { type FaultProxy, type Faults, openFaultProxy } from '../tools/faults/fault-proxy.ts';
import { fetchOf, socketsOf } from '../tools/replay/site-socket.ts';
import { storedMessages } from '../tools/replay/stored-messages.ts';
import { until } from '../tools/replay/until.ts';
import { type Acked, type Shown, shownOf } from '../tools/replay/visitor.ts';

const site = 'pk_network_shop';
const origin = 'https://shop.example';
const metricsToken = 'metrics-of-the-network-house';
export type Transport = 'websocket' | 'http' | 'auto';

/** A relay on a disk of its own, and a bad network between it and everybody who talks to it. */
export interface NetworkHouse {
  readonly server: RunningServer;
  readonly proxy: FaultProxy;
  /** Its address behind the bad network. */
  readonly url: string;
  visitor(options?: {
    transport?: Transport;
    storage?: KeyValueStorage;
    clock?: Clock;
    /** Not through the bad network. */
    isNear?: boolean;
  }): Chat;
  /** Signed in and connected. */
  agent(id: 'ada' | 'ben'): Promise<Agent>;
  /** How many lines the relay has closed with this code. */
  closes(code: number): Promise<number>;
  /** Ends everybody and the relay, and reads the log from the file that is left. @throws Error when SQLite finds it damaged */
  log(): Promise<ReturnType<typeof storedMessages>>;
  stop(): Promise<void>;
}

/**
 * @param options `faults`: what each connection meets once everybody is signed in; `clock`: the clients'; `serverClock`: the relay's.
 */
export async function openNetworkHouse(
  options: { faults?: (connection: number) => Faults; clock?: Clock; serverClock?: Clock } = {},
): Promise<NetworkHouse> {
  const { faults, clock = systemClock, serverClock } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-network-'));
  let port = 0;
  let isCalm = true;
  const proxy = await openFaultProxy({
    target: () => port,
    faults: (connection) => (isCalm ? {} : (faults?.(connection) ?? {})),
  });
  const url = `http://127.0.0.1:${proxy.port}`;
  const config = await parseConfig({
    ...{ host: '127.0.0.1', port: 0, dataDir: folder, publicUrl: url, logLevel: 'silent', metricsToken },
    sites: [{ key: site, name: 'Shop', origins: [origin], team: 'sales' }],
    teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
    wrapUpCodes: [{ id: 'done', name: 'Done' }],
    // Whoever is cut off for long must still own what he answers, and comes back as often as it takes.
    ...{ agentGraceMs: 3_600_000, rateFactor: 10_000 },
  });
  const server = await startServer(config, {
    log: silentLog,
    ...(serverClock === undefined ? {} : { clock: serverClock }),
    async prepare({ store }) {
      for (const id of ['ada', 'ben'])
        await store.saveAgent({
          ...{ id, email: `${id}@shop.example`, name: id, role: 'agent', teams: ['sales'], capacity: 1_000 },
          ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
        });
    },
  });
  port = server.port;
  const people: { destroy(): Promise<void> }[] = [];
  const { Socket } = socketsOf(origin);
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> => {
    isCalm = true;
    ended ??= (async () => {
      await Promise.all(people.map((one) => one.destroy()));
      await server.stop();
      await proxy.close();
    })();
    return ended;
  };

  return {
    server,
    proxy,
    url,
    visitor({ transport = 'websocket', isNear = false, ...own } = {}) {
      isCalm = false;
      const chat = createChat({
        ...{
          server: isNear ? server.url : url,
          site,
          WebSocket: Socket,
          fetch: fetchOf(origin),
          transport,
          locale: 'en',
        },
        ...{ clock, storage: 'memory', ...own },
      });
      people.push(chat);
      return chat;
    },
    async agent(id) {
      const fetch = fetchOf(url);
      const agent = createAgent({
        server: url,
        WebSocket: socketsOf(url).Socket,
        fetch,
        transport: 'websocket',
        clock,
      });
      people.push(agent);
      isCalm = true;
      await agent.signInWithCode(await server.auth.makeCode(id));
      await agent.connect();
      isCalm = false;
      return agent;
    },
    async closes(code) {
      const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
      return Number(
        new RegExp(`^sveiki_closes_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(await response.text())?.[1] ?? 0,
      );
    },
    async log() {
      await end();
      return storedMessages(join(folder, DATABASE_FILE));
    },
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The public messages on a visitor's screen, with older ones fetched. Resolves when there are as many. */
export async function visitorSees(chat: Chat, count: number, signal: AbortSignal): Promise<Shown[]> {
  const messages = ({ entries }: ChatState): Shown[] => shownOf(entries.flatMap(({ event }) => event ?? []));
  return until(
    chat,
    () => {
      const { hasOlder, loadingOlder, connection, problem } = chat.state;
      if (problem !== null) throw problem;
      if (hasOlder && !loadingOlder && connection.status === 'online') chat.loadOlder().catch(() => {});
      const shown = messages(chat.state);
      return hasOlder || shown.length < count ? undefined : shown;
    },
    signal,
  );
}

/** The same on an agent's. */
export async function agentSees(
  agent: Agent,
  conversation: string,
  count: number,
  signal: AbortSignal,
): Promise<Shown[]> {
  return until(
    agent,
    () => {
      const watched = agent.state.watched.get(conversation);
      if (watched?.hasOlder) agent.loadOlder(conversation).catch(() => {});
      const shown = shownOf(watched?.events ?? []);
      return watched === undefined || watched.hasOlder || shown.length < count ? undefined : shown;
    },
    signal,
  );
}

export interface Talk {
  conversation: string;
  said: Shown[];
  acked: Acked[];
  screens: { visitor: Shown[]; agent: Shown[] };
}

/**
 * A whole conversation: in each turn both say several things without waiting for an answer, and wait until they have all of the other's. Ends it,
 * and gives what was said, acknowledged and shown.
 */
export async function talk(options: {
  chat: Chat;
  agent: Agent;
  name: string;
  turns: number;
  atOnce?: number;
  signal: AbortSignal;
}): Promise<Talk> {
  const { chat, agent, name, turns, atOnce = 2, signal } = options;
  const said: Shown[] = [];
  const acked: Acked[] = [];
  let conversation = '';
  const several = async (role: Shown['role'], send: (text: string) => Promise<Acked>, turn: number): Promise<void> => {
    const texts = Array.from(
      { length: atOnce },
      (_, i) => `${name} ${role} ${turn}.${i} ${'žluťoučký '.repeat(i * 20)}end`,
    );
    said.push(...texts.map((text) => ({ role, text })));
    acked.push(...(await Promise.all(texts.map(send))));
  };
  for (let turn = 0; turn < turns; turn++) {
    await several('visitor', (text) => chat.send(text), turn);
    if (turn === 0) {
      conversation = acked[0]?.conversation ?? '';
      await agent.take(conversation);
    }
    await agentSees(agent, conversation, said.length, signal);
    await several('agent', (text) => agent.send(conversation, text), turn);
    await visitorSees(chat, said.length, signal);
  }
  const screens = {
    visitor: await visitorSees(chat, said.length, signal),
    agent: await agentSees(agent, conversation, said.length, signal),
  };
  await agent.resolve(conversation, { wrapUp: 'done' });
  return { conversation, said, acked, screens };
}

/** A clock whose waits end sooner, for clients who are cut off all the time: what is due in a second comes after `1000 / speed` ms. */
export function hastyClock(speed: number): Clock {
  return { now: () => Date.now(), after: (ms, run) => systemClock.after(ms / speed, run) };
}
