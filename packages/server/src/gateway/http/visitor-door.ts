import type { IncomingMessage } from 'node:http';
import type { SiteConfig } from '../../config-types.ts';
import type { Person } from '../../files/files.ts';
import type { Clock, Store } from '../../ports.ts';
import { visitorOfToken } from '../session/visitors.ts';
import { Refused } from './problem.ts';
import { bearerOf, requestOrigin } from './request.ts';

/**
 * Who asks over HTTP with the token of a visitor's session: the same visitor as on his line, from a page of the same site. A token that a welcome gave and that is not
 * stored yet is good too, as it is there; it leads to nothing but what he uploads himself.
 */
export function createVisitorDoor(parts: {
  sites: () => readonly SiteConfig[];
  store: () => Store;
  isBlocked: (address: string, visitor: string) => boolean;
  addressOf: (request: IncomingMessage) => string;
  clock: Clock;
}): (request: IncomingMessage, site: string) => Promise<Extract<Person, { kind: 'visitor' }>> {
  return async (request, key) => {
    const site = parts.sites().find((one) => one.key === key);
    if (site === undefined) throw new Refused(403, 'bad-site');
    const origin = requestOrigin(request);
    if (origin === null || !site.origins.includes(origin)) throw new Refused(403, 'bad-origin');
    const token = bearerOf(request);
    const visitor = token === null ? null : await visitorOfToken(parts.store(), parts.clock.now(), token, site);
    if (visitor === null) throw new Refused(401, 'session-ended');
    const address = parts.addressOf(request);
    if (parts.isBlocked(address, visitor)) throw new Refused(403, 'blocked');
    return { kind: 'visitor', id: visitor, site: site.key, address };
  };
}
