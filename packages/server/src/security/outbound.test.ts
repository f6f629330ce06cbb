import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbound, OutboundRefused } from '../hooks/outbound.ts';
import { manualClock } from '../test-support/manual-clock.ts';

const post = { body: '{}', headers: {}, deadlineMs: 5_000 };
const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A server at the loopback address of this family that counts who comes. Port 0 lets the machine choose. */
async function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return (server.address() as { port: number }).port;
}
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  sockets.clear();
});

/** Ways to write addresses of this machine and its network, as a host in an address of the web. */
const WRITTEN = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.000.000.001',
    '0177.0.0.1',
    '0177.0.0.01',
    '0x7f.0.0.1',
    '0x7f.1',
    '0x7f000001',
  ],
  ...['2130706433', '017700000001', '127.255.255.254', '127.0.0.1.', '0', '0.0.0.0', '0x0', '00', '127.0.0.0x1'],
  ...[
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
  ],
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[::7f00:1]',
  ],
  ...[
    '[64:ff9b::7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
  ],
  ...[
    '[ff02::1]',
    '[100::1]',
    '[2001:db8::1]',
    '10.0.0.1',
    '10.255.255.255',
    '012.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
  ],
  ...[
    '192.168.1.1',
    '3232235777',
    '0xc0a80101',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '100.64.0.1',
    '198.18.0.1',
  ],
  ...[
    '192.0.0.1',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    'localhost',
    'LOCALHOST',
  ],
];
/** What a name may turn out to be, however harmless it looks. */
const RESOLVED: string[][] = [
  ['127.0.0.1'],
  ['::1'],
  ['::ffff:127.0.0.1'],
  ['93.184.215.14', '127.0.0.1'],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', '10.0.0.1'],
  ['169.254.169.254'],
  ['no address at all'],
  [],
];

describe('an address that a configuration names', () => {
  let came = 0;
  let port = 0;
  beforeEach(async () => {
    came = 0;
    const count = () => {
      came++;
    };
    port = await listen('127.0.0.1', 0, count);
  });
  const outbound = (lookup?: (host: string) => Promise<string[]>) =>
    createOutbound({ clock: manualClock(), allowPrivate: false, ...(lookup === undefined ? {} : { lookup }) });
  /** Refused with words; an address that is none at all is refused by whoever reads it. */
  async function refused(url: string, lookup?: (host: string) => Promise<string[]>): Promise<void> {
    const why = await outbound(lookup)
      .post({ ...post, url })
      .then(
        () => 'it was answered',
        (error: unknown) => error,
      );
    expect(why instanceof OutboundRefused || why instanceof TypeError, `${url}: ${String(why)}`).toBe(true);
  }

  it(`reaches nobody here in ${WRITTEN.length} spellings`, async () => {
    expect(WRITTEN.length).toBeGreaterThanOrEqual(60);
    const system = async (host: string) => (host.toLowerCase().startsWith('localhost') ? ['127.0.0.1', '::1'] : []);
    for (const host of WRITTEN) await refused(`http://${host}:${port}/`, system);
    expect(came).toBe(0);
  });

  it('reaches nobody here by a name, whatever it resolves to, and also when it says another thing the second time', async () => {
    for (const addresses of RESOLVED) await refused(`http://crm.example:${port}/`, async () => addresses);
    let asked = 0;
    const rebinding = async () => (++asked === 1 ? ['127.0.0.1'] : ['93.184.215.14']);
    await refused(`http://crm.example:${port}/`, rebinding);
    expect({ asked, came }).toEqual({ asked: 1, came: 0 });
  });

  it('is of the web, and has no name of a user in it', async () => {
    const schemes = ['ftp', 'file', 'gopher', 'ws', 'data', 'javascript', 'unix'];
    for (const scheme of schemes) await refused(`${scheme}://127.0.0.1:${port}/`);
    await refused(`http://crm.example@127.0.0.1:${port}/`);
    await refused(`http://user:password@127.0.0.1:${port}/`);
    expect(came).toBe(0);
  });
});

/** What a server may do with who calls it; `elsewhere` is where it would like to send him. */
const BEHAVIOURS: Record<string, (socket: Socket, elsewhere: string) => void> = {
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `redirects with ${status}`,
      (socket: Socket, elsewhere: string) =>
        socket.end(`HTTP/1.1 ${status} Go\r\nLocation: ${elsewhere}\r\nContent-Length: 0\r\n\r\n`),
    ]),
  ),
  'refreshes to another page': (socket, elsewhere) =>
    socket.end(`HTTP/1.1 200 OK\r\nRefresh: 0; url=${elsewhere}\r\nContent-Length: 2\r\n\r\nok`),
  'answers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): void => {
      while (!socket.destroyed && socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
    };
    socket.on('drain', more);
    more();
  },
  'has headers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = (): void => {
      while (!socket.destroyed && socket.write(`X-A: ${'x'.repeat(1_000)}\r\n`));
    };
    socket.on('drain', more);
    more();
  },
  'says that it goes on, without end': (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)));
    };
    socket.on('drain', more);
    more();
  },
  'says nothing': () => {},
  'says half a line': (socket) => void socket.write('HTTP/1.1 2'),
  'says half an answer and is gone': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  'breaks off': (socket) => void socket.resetAndDestroy(),
  'speaks another language': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  'promises less than it says': (socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${'x'.repeat(100_000)}`),
  'packs a bomb': (socket) => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    socket.end(bomb);
  },
  'wants another protocol': (socket) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
};

describe('a server that is called', () => {
  it('may do what it likes in 15 ways and more', () => {
    expect(Object.keys(BEHAVIOURS).length).toBeGreaterThanOrEqual(15);
  });

  it.each(Object.entries(BEHAVIOURS))('%s: it is heard to a limit, and nobody is sent elsewhere', async (_, behave) => {
    let sentElsewhere = 0;
    const other = await listen('127.0.0.1', 0, () => {
      sentElsewhere++;
    });
    let called = 0;
    let heard = (): void => {};
    const isHeard = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const port = await listen('127.0.0.1', 0, (socket) => {
      called++;
      socket.once('data', () => {
        behave(socket, `http://127.0.0.1:${other}/`);
        heard();
      });
    });
    const clock = manualClock();
    const asked = createOutbound({ clock, allowPrivate: true })
      .post({ ...post, url: `http://127.0.0.1:${port}/` })
      .then(
        ({ status, text }) => ({ status, size: text.length }),
        (error: unknown) => error,
      );
    await isHeard;
    // What has been said by now is an answer or none; what says nothing meets the deadline.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const early = await Promise.race([asked, new Promise<null>((resolve) => void setImmediate(() => resolve(null)))]);
    if (early === null) clock.advance(post.deadlineMs);
    const what = await asked;
    if (!(what instanceof OutboundRefused)) expect((what as { size: number }).size).toBeLessThanOrEqual(64 * 1_024);
    expect({ called, sentElsewhere }).toEqual({ called: 1, sentElsewhere: 0 });
  });
});
