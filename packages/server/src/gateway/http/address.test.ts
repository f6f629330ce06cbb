import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { addressReader } from './address.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('the address of a request', () => {
  const direct = addressReader([]);
  const behind = addressReader(['10.0.0.0/8', '192.168.1.1', '2001:db8:1::/48']);

  it.each([
    ['is the peer', direct, '198.51.100.1', undefined, '198.51.100.1'],
    ['is the peer, whatever it claims, when no proxy is trusted', direct, '198.51.100.1', '192.0.2.7', '198.51.100.1'],
    ['is the peer when it is no trusted proxy', behind, '198.51.100.1', '192.0.2.7', '198.51.100.1'],
    ['is what a trusted proxy says', behind, '10.1.2.3', '192.0.2.7', '192.0.2.7'],
    ['is what a trusted proxy by IPv6 says', behind, '2001:db8:1::5', '2001:db8:2::7', '2001:db8:2::7'],
    [
      'is the right-most that is not trusted: what stands before it may be made up',
      behind,
      '10.1.2.3',
      '203.0.113.9, 192.0.2.7, 10.9.9.9',
      '192.0.2.7',
    ],
    ['is the left-most when all are trusted', behind, '10.1.2.3', '10.4.4.4, 192.168.1.1', '10.4.4.4'],
    ['is the proxy when it says nothing', behind, '10.1.2.3', undefined, '10.1.2.3'],
    ['is the last one understood when there is rubbish', behind, '10.1.2.3', '192.0.2.7, unknown', '10.1.2.3'],
    ['is the last one understood when it is empty', behind, '10.1.2.3', ' , ', '10.1.2.3'],
    ['is without a port', behind, '10.1.2.3', '192.0.2.7:4711', '192.0.2.7'],
    ['is without brackets', behind, '10.1.2.3', '[2001:db8:2::7]:4711', '2001:db8:2::7'],
    ['is IPv4 also when the system writes it as IPv6', behind, '::ffff:10.1.2.3', '192.0.2.7', '192.0.2.7'],
    ['is empty when the connection is gone already', direct, undefined, undefined, ''],
  ])('%s', (_name, addressOf, peer, forwarded, expected) => {
    expect(addressOf(request(peer, forwarded))).toBe(expected);
  });

  it('is found in a list of any length', () => {
    expect(behind(request('10.1.2.3', `${'192.0.2.7, '.repeat(5_000)}10.0.0.1`))).toBe('192.0.2.7');
    expect(behind(request('10.1.2.3', `${'10.0.0.1, '.repeat(5_000)}10.0.0.1`))).toBe('10.0.0.1');
  });
});
