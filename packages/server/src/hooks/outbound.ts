import { lookup as systemLookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { Clock } from '../ports.ts';

/** What somebody else's server said. */
export interface OutboundAnswer {
  status: number;
  /** Milliseconds it asks us to wait (`retry-after`), null when it does not. */
  retryAfterMs: number | null;
  text: string;
}

export interface OutboundPost {
  url: string;
  body: string;
  headers: Readonly<Record<string, string>>;
  /** For all of it: finding the address, connecting, answering. */
  deadlineMs: number;
  signal?: AbortSignal;
}

/**
 * The one way this relay speaks to other servers at the word of a configuration. It follows no redirects, reads a bounded answer, and goes to public
 * addresses only: a name is resolved once, every address it has is looked at, and the connection goes to the one that was looked at, so that a name
 * that changes its mind in between (DNS rebinding) leads nowhere.
 */
export interface Outbound {
  /** @throws OutboundRefused when the address may not be called, is away, too slow or says too much */
  post(post: OutboundPost): Promise<OutboundAnswer>;
}

/** Nothing was sent, or no whole answer came. The message says which, without the path of the address: paths can hold secrets. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** Everything that is not the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry and its sister. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
/** Of IPv6 only 2000::/3 is public, and of it not what carries other addresses inside (Teredo, 6to4), nor documentation. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

/** Whether an address belongs to the public internet. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !PRIVATE.check(address, 'ipv4');
  return family === 6 && GLOBAL_V6.check(address, 'ipv6') && !PRIVATE.check(address, 'ipv6');
}

export function createOutbound({
  clock,
  allowPrivate,
  lookup = async (host) => (await systemLookup(host, { all: true })).map(({ address }) => address),
}: {
  clock: Clock;
  /** Also addresses of this machine and its network: for examples, tests, and servers next door. */
  allowPrivate: boolean;
  /** The addresses of a name. @default the system's resolver */
  lookup?: (host: string) => Promise<string[]>;
}): Outbound {
  /** The address to connect to. */
  async function addressOf(host: string): Promise<string> {
    const bare = host.replace(/^\[|\]$/g, '');
    const found = isIP(bare) > 0 ? [bare] : await lookup(bare).catch(() => []);
    const [first] = found;
    if (first === undefined) throw new OutboundRefused(`${host} has no address.`);
    // One private address among public ones is enough: that is how a name is made to look harmless.
    if (!allowPrivate && !found.every(isPublic))
      throw new OutboundRefused(
        `${host} is an address of a private network. Set "allowPrivateAddresses" if it is meant to be.`,
      );
    return first;
  }

  return {
    async post({ url, body, headers, deadlineMs, signal }) {
      const { protocol, hostname, port, pathname, search, username } = new URL(url);
      if (protocol !== 'https:' && protocol !== 'http:') throw new OutboundRefused(`${protocol} cannot be called.`);
      if (username !== '') throw new OutboundRefused('The address has a user name in it.');
      const stop = new AbortController();
      const cancel = clock.after(deadlineMs, () =>
        stop.abort(new OutboundRefused(`${hostname} did not answer in ${deadlineMs} ms.`)),
      );
      const callOff = (): void => stop.abort(new OutboundRefused('It was called off.'));
      signal?.addEventListener('abort', callOff, { once: true });
      if (signal?.aborted) callOff();
      const aborted = new Promise<never>((_resolve, reject) => {
        if (stop.signal.aborted) reject(stop.signal.reason);
        stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
      });
      const send = async (): Promise<OutboundAnswer> => {
        const host = await addressOf(hostname);
        stop.signal.throwIfAborted();
        return new Promise((resolve, reject) => {
          const fail = (error: unknown): void =>
            reject(
              error instanceof OutboundRefused
                ? error
                : new OutboundRefused(`${hostname} could not be reached.`, { cause: error }),
            );
          const outgoing = (protocol === 'https:' ? requestHttps : requestHttp)(
            {
              method: 'POST',
              host,
              ...(isIP(hostname) > 0 || hostname.startsWith('[') ? {} : { servername: hostname }),
              port: port === '' ? undefined : Number(port),
              path: pathname + search,
              agent: false,
              signal: stop.signal,
              headers: {
                ...headers,
                host: port === '' ? hostname : `${hostname}:${port}`,
                'content-length': Buffer.byteLength(body),
              },
            },
            (incoming) => {
              const chunks: Buffer[] = [];
              let size = 0;
              incoming.on('data', (chunk: Buffer) => {
                size += chunk.length;
                if (size <= MAX_ANSWER_BYTES) return void chunks.push(chunk);
                outgoing.destroy();
                fail(new OutboundRefused(`${hostname} answered with more than ${MAX_ANSWER_BYTES} bytes.`));
              });
              incoming.on('error', fail);
              incoming.on('end', () =>
                resolve({
                  status: incoming.statusCode ?? 0,
                  retryAfterMs: retryAfter(incoming.headers['retry-after'], clock.now()),
                  text: Buffer.concat(chunks).toString('utf8'),
                }),
              );
            },
          );
          outgoing.on('error', fail);
          outgoing.end(body);
        });
      };
      try {
        return await Promise.race([send(), aborted]);
      } finally {
        cancel();
        signal?.removeEventListener('abort', callOff);
      }
    },
  };
}

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now. */
function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
