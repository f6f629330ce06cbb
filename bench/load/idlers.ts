// A load generator: visitors who connect, say hello, and stay. They answer heartbeats and say nothing.
import { platform } from 'node:os';
import { bareDialect, sveikiDialect } from './dialects.ts';
import { type LeanSocket, openLeanSocket } from './lean-socket.ts';

export interface IdleSetup {
  kind: 'sveiki' | 'bare-ws';
  port: number;
  count: number;
  site?: string;
  origin?: string;
}

const openAtOnce = 100;
/** All of 127.0.0.0/8 is this machine on Linux; one address has some 28,000 ports, and those used lately rest for a minute. */
const addresses = platform() === 'linux' ? ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] : [undefined];

const open = new Set<LeanSocket>();

async function connectOne({ kind, port, site, origin }: IdleSetup, index: number): Promise<void> {
  const dialect = kind === 'sveiki' ? sveikiDialect : bareDialect;
  const from = addresses[index % addresses.length];
  let socket: LeanSocket | null = null;
  let welcome = (): void => {};
  const welcomed = new Promise<void>((resolve) => {
    welcome = resolve;
  });
  socket = await openLeanSocket({
    port,
    path: dialect.visitorPath,
    ...(origin === undefined ? {} : { origin }),
    ...(from === undefined ? {} : { from }),
    onFrame: (line, payload) => {
      const heard = dialect.hear(payload);
      if (heard === 'ping') line.send(dialect.pong);
      else if (heard === 'ready') welcome();
      else if (heard === 'refused') throw new Error(`The server refused: ${payload.toString()}`);
    },
    onClose: () => {
      if (socket !== null) open.delete(socket);
    },
  });
  open.add(socket);
  if (kind === 'bare-ws') return;
  socket.send(JSON.stringify({ type: 'hello', role: 'visitor', versions: [1], client: 'bench/1', site, locale: 'en' }));
  await welcomed;
}

async function connectAll(setup: IdleSetup): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < setup.count) await connectOne(setup, next++);
  };
  await Promise.all(Array.from({ length: openAtOnce }, worker));
}

process.on('message', (message: { connect?: IdleSetup; leave?: true; count?: true }) => {
  const answer = async (): Promise<void> => {
    if (message.connect !== undefined) await connectAll(message.connect);
    if (message.leave === true) for (const socket of open) socket.destroy();
    process.send?.({ open: message.leave === true ? 0 : open.size });
  };
  answer().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
