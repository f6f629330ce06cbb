import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../test-support/manual-clock.ts';
import { createOutbound, isPublic } from './outbound.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const clock = manualClock();
const outbound = (options: { allowPrivate?: boolean; lookup?: (host: string) => Promise<string[]> } = {}) =>
  createOutbound({ clock, allowPrivate: true, ...options });
const post = { body: '{}', headers: { 'x-a': 'b' }, deadlineMs: 5_000 };

describe('calling other servers', () => {
  it('posts, and reads the answer', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push(request.method, request.url, request.headers['x-a'], body);
        response.writeHead(503, { 'retry-after': '7' }).end('later');
      });
    });
    const answer = await outbound().post({ ...post, url: `http://127.0.0.1:${port}/a?b=c`, body: 'žņā' });
    expect(answer).toEqual({ status: 503, retryAfterMs: 7_000, text: 'later' });
    expect(seen).toEqual(['POST', '/a?b=c', 'b', 'žņā']);
  });

  it('looks a name up once and connects to what it looked at', async () => {
    const hosts: unknown[] = [];
    const port = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end('here');
    });
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return lookups === 1 ? ['127.0.0.1'] : ['192.0.2.1'];
    };
    const answer = await outbound({ lookup }).post({ ...post, url: `http://crm.example:${port}/` });
    expect(answer.text).toBe('here');
    expect(hosts).toEqual([`crm.example:${port}`]);
    expect(lookups).toBe(1);
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://internal.example/',
    'http://mixed.example/',
  ])('does not call %s', async (url) => {
    const lookup = async (host: string) => (host.startsWith('mixed') ? ['93.184.215.14', '10.0.0.1'] : ['192.168.1.7']);
    await expect(outbound({ allowPrivate: false, lookup }).post({ ...post, url })).rejects.toThrow(
      'is an address of a private network',
    );
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const port = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await outbound().post({ ...post, url: `http://127.0.0.1:${port}/` })).toMatchObject({ status: 302 });
    expect(asked).toBe(1);
  });

  it('reads no more than it should', async () => {
    const port = await serve((_request, response) => void response.end('x'.repeat(100_000)));
    await expect(outbound().post({ ...post, url: `http://127.0.0.1:${port}/` })).rejects.toThrow(
      'more than 65536 bytes',
    );
  });

  it('gives up at the deadline, also while it waits for a name, and when it is called off', async () => {
    let arrived = (): void => {};
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const port = await serve((_request, response) => {
      response.write('slow');
      arrived();
    });
    const slow = outbound().post({ ...post, url: `http://127.0.0.1:${port}/` });
    await there;
    clock.advance(5_000);
    await expect(slow).rejects.toThrow('127.0.0.1 did not answer in 5000 ms.');
    const lost = outbound({ lookup: () => new Promise(() => {}) }).post({ ...post, url: 'http://lost.example/' });
    clock.advance(5_000);
    await expect(lost).rejects.toThrow('lost.example did not answer');
    const signal = AbortSignal.abort();
    await expect(outbound().post({ ...post, url: `http://127.0.0.1:${port}/`, signal })).rejects.toThrow('called off');
  });

  it.each([
    ['ftp://files.example/', 'ftp: cannot be called.'],
    ['http://user:pass@crm.example/', 'The address has a user name in it.'],
    ['http://nowhere.example/secret-path', /^nowhere.example has no address.$/],
  ])('refuses %s', async (url, message) => {
    await expect(outbound({ lookup: async () => [] }).post({ ...post, url })).rejects.toThrow(message);
  });
});

describe('an address', () => {
  it.each(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])('%s is public', (address) =>
    expect(isPublic(address)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.8.8.8',
    '172.31.255.255',
    '192.168.0.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001::1',
    'crm.example',
    '',
  ])('%s is not', (address) => expect(isPublic(address)).toBe(false));
});
