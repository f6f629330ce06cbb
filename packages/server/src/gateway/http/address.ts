import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Entries of X-Forwarded-For that are looked at, from the right. */
const MAX_HOPS = 20;

/** Finds the address a request came from. @param trustedProxies addresses or ranges that were checked when the configuration was read */
export function addressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (request) => {
    let address = plain(request.socket.remoteAddress ?? '');
    const hops = (request.headers['x-forwarded-for'] ?? '').toString().split(',').slice(-MAX_HOPS);
    // Each proxy adds, at the right, whom it got the request from: as long as that one is ours, the entry before it can be believed.
    while (hops.length > 0 && isIP(address) !== 0 && isTrusted(address)) {
      const hop = plain(hops.pop()!.trim());
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  };
}

/** IPv4 in IPv6 clothes, brackets and ports off. */
function plain(address: string): string {
  const bare = address.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(bare) === 0 ? bare.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1') : bare;
}
