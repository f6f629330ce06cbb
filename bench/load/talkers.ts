// A load generator: conversations of two, each with one message on its way. Every ack sends the next one.
import { bareDialect, type Dialect, type Heard, socketIoDialect, sveikiDialect } from './dialects.ts';
import { type LeanSocket, openLeanSocket } from './lean-socket.ts';

export type ServerKind = 'sveiki' | 'bare-ws' | 'socket-io';
/** What it takes to come in at a relay: the publishable key, the origins of both sides, and a session token for each agent. */
export interface RelayDoor {
  site: string;
  origins: { visitor: string; agent: string };
  sessions: readonly string[];
}
export interface Setup {
  kind: ServerKind;
  port: number;
  conversations: number;
  /** Sveiki only. */
  relay?: RelayDoor;
}
export interface RunReport {
  acked: number;
  /** Messages that reached the other side: all of them, or something is wrong. */
  delivered: number;
  ms: number;
  /** Microseconds of CPU of this generator. */
  cpu: number;
}

/** 128 characters, as in the measurements the goals come from. */
const text =
  'We ordered twelve chairs, six came, two of those had the wrong colour, and one of the right ones wobbles. What should we do now?';
const openAtOnce = 50;

const dialects: Record<ServerKind, Dialect> = {
  sveiki: sveikiDialect,
  'bare-ws': bareDialect,
  'socket-io': socketIoDialect,
};

class Member {
  readonly #dialect: Dialect;
  #socket: LeanSocket | null = null;
  on: (heard: Heard, payload: Buffer) => void = () => {};

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  async open(port: number, path: string, origin: string | undefined): Promise<void> {
    this.#socket = await openLeanSocket({
      port,
      path,
      ...(origin === undefined ? {} : { origin }),
      onFrame: (socket, payload) => {
        const heard = this.#dialect.hear(payload);
        if (heard === 'ping') socket.send(this.#dialect.pong);
        else if (heard === 'refused') throw new Error(`The server refused: ${payload.toString()}`);
        else this.on(heard, payload);
      },
      onClose: (why) => {
        throw new Error(`A connection ended: ${why}`);
      },
    });
  }

  send(frame: string): void {
    this.#socket?.send(frame);
  }

  /** Sends a frame and waits for the first answer that is asked for. */
  call(frame: string, isAnswer: (heard: Heard, text: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      this.on = (heard, payload) => {
        const answer = payload.toString();
        if (!isAnswer(heard, answer)) return;
        this.on = () => {};
        resolve(answer);
      };
      this.send(frame);
    });
  }
}

interface Conversation {
  id: string;
  visitor: Member;
  agent: Member;
}

let lastId = 0;
/** As the SDK makes them: 27 characters that sort by time. */
function nextId(): string {
  lastId = Math.max(lastId + 1, Date.now() * 1_000);
  return lastId.toString(36).padStart(13, '0') + Math.random().toString(36).slice(2, 16).padEnd(14, '0');
}

async function begin(setup: Setup, index: number): Promise<Conversation> {
  const dialect = dialects[setup.kind];
  const visitor = new Member(dialect);
  const agent = new Member(dialect);
  await visitor.open(setup.port, dialect.visitorPath, setup.relay?.origins.visitor);
  await agent.open(setup.port, dialect.agentPath, setup.relay?.origins.agent);
  let id = nextId();
  if (setup.relay !== undefined) {
    const { site, origins, sessions } = setup.relay;
    const hello = { type: 'hello', versions: [1], client: 'bench/1' };
    await visitor.call(JSON.stringify({ ...hello, role: 'visitor', site }), (heard) => heard === 'ready');
    const first = await visitor.call(dialect.message(nextId(), id, text), (heard) => heard === 'ack');
    id = (JSON.parse(first) as { conversation: string }).conversation;
    const ticket = await askTicket(setup.port, origins.agent, sessions[index] ?? '');
    await agent.call(JSON.stringify({ ...hello, role: 'agent', ticket }), (heard) => heard === 'ready');
    await agent.call(JSON.stringify({ type: 'take', id: nextId(), conversation: id }), (heard) => heard === 'ack');
  } else if (setup.kind === 'bare-ws') {
    const join = JSON.stringify({ type: 'join', conversation: id });
    await visitor.call(join, (heard) => heard === 'ready');
    await agent.call(join, (heard) => heard === 'ready');
  } else {
    for (const member of [visitor, agent]) {
      await member.call('40', (_heard, answer) => answer.startsWith('40'));
      await member.call(`421${JSON.stringify(['join', id])}`, (heard) => heard === 'ack');
    }
  }
  return { id, visitor, agent };
}

async function askTicket(port: number, origin: string, session: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/desk/api/ticket`, {
    method: 'POST',
    headers: { origin, cookie: `sveiki_session=${session}`, 'content-type': 'application/json' },
  });
  return ((await response.json()) as { ticket: string }).ticket;
}

async function beginAll(setup: Setup): Promise<Conversation[]> {
  const conversations: Conversation[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < setup.conversations) conversations.push(await begin(setup, next++));
  };
  await Promise.all(Array.from({ length: openAtOnce }, worker));
  return conversations;
}

/** Talks for `ms`, then waits until everything that was sent is acknowledged and has arrived. */
function talk(conversations: readonly Conversation[], dialect: Dialect, ms: number): Promise<RunReport> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    const until = startedAt + ms;
    let acked = 0;
    let delivered = 0;
    let sent = 0;
    let now = startedAt;
    const finish = (): void => {
      if (acked !== sent || delivered !== sent) return;
      const { user, system } = process.cpuUsage(cpuBefore);
      resolve({ acked, delivered, ms: performance.now() - startedAt, cpu: user + system });
    };
    for (const { id, visitor, agent } of conversations) {
      const next = (): void => {
        sent++;
        visitor.send(dialect.message(nextId(), id, text));
      };
      visitor.on = (heard) => {
        if (heard !== 'ack') return;
        acked++;
        // The clock is asked now and then: asking costs as much as a small frame.
        if (acked % 64 === 0) now = performance.now();
        if (now < until) next();
        else finish();
      };
      agent.on = (heard) => {
        if (heard !== 'event') return;
        delivered++;
        if (now >= until) finish();
      };
      next();
    }
  });
}

let setup: Setup | null = null;
let conversations: Conversation[] = [];
process.on('message', (message: { setup?: Setup; run?: number }) => {
  const answer = async (): Promise<object> => {
    if (message.setup !== undefined) {
      setup = message.setup;
      conversations = await beginAll(setup);
      return { ready: conversations.length };
    }
    if (setup === null) throw new Error('Set the generator up before it is run.');
    return { report: await talk(conversations, dialects[setup.kind], message.run ?? 0) };
  };
  answer().then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
