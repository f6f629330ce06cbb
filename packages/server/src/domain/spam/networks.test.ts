import { describe, expect, it } from 'vitest';
import { networkFinder, networkText, readNetwork } from './networks.ts';

const plain = (text: string): string | null => {
  const network = readNetwork(text);
  return network === null ? null : networkText(network);
};

describe('a network', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7/32 ', '192.0.2.7'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:7:ffff::1/64', '2001:db8:0:7::/64'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
  ])('%s is written %s', (text, written) => {
    expect(plain(text)).toBe(written);
    expect(plain(written)).toBe(written);
  });

  it.each([
    ...[
      '',
      'mia',
      '192.0.2',
      '192.0.2.256',
      '192.0.2.07',
      '192.0.2.7/33',
      '192.0.2.7/',
      '192.0.2.7/-1',
      '192.0.2.0/24/8',
    ],
    ...['2001:db8::1::2', '2001:db8:1', '1:2:3:4:5:6:7:8:9', '2001:db8::/129', '2001:dbg::', ':', '1:2:3:4:5:6:7:8::'],
  ])('%j is none', (text) => {
    expect(readNetwork(text)).toBeNull();
  });

  it('is found by every address in it, and by no other', () => {
    const has = networkFinder(
      ['192.0.2.0/24', '198.51.100.7', '2001:db8:7::/48', '2001:db8:8::1'].map((text) => readNetwork(text)!),
    );
    for (const address of [
      '192.0.2.0',
      '192.0.2.255',
      '198.51.100.7',
      '::ffff:192.0.2.9',
      '2001:db8:7:ffff::9',
      '2001:db8:8::1',
    ])
      expect([address, has(address)]).toEqual([address, true]);
    for (const address of ['192.0.1.255', '192.0.3.0', '198.51.100.8', '2001:db8:6:ffff::', '2001:db8:8::2', '', 'mia'])
      expect([address, has(address)]).toEqual([address, false]);
  });
});
