import type { AgentPrincipal, Clock, Ids, Tickets } from '../ports.ts';
import { SECRET_BYTES, secretHash } from './secrets.ts';

export const TICKET_LIFE_MS = 30_000;
/** Tickets that wait to be used. Each costs a signed-in request, so more than this is a fault or an attack: the oldest goes. */
const MAX_TICKETS = 10_000;

export interface TicketBooth extends Tickets {
  issue(principal: AgentPrincipal): string;
}

/**
 * One-time tickets for sockets, in memory: a ticket must not outlive the node that made it. `check` says, at the time of use, who the session
 * behind the ticket belongs to now, or null when it has ended.
 */
export function createTickets(parts: {
  clock: Clock;
  ids: Ids;
  check: (session: string) => Promise<AgentPrincipal | null>;
}): TicketBooth {
  const waiting = new Map<string, { session: string; until: number }>();
  const dropExpired = () => {
    const now = parts.clock.now();
    for (const [key, { until }] of waiting) {
      if (until > now && waiting.size <= MAX_TICKETS) return;
      waiting.delete(key);
    }
  };
  return {
    issue(principal) {
      const ticket = parts.ids.secret(SECRET_BYTES);
      waiting.set(secretHash(ticket), { session: principal.session, until: parts.clock.now() + TICKET_LIFE_MS });
      dropExpired();
      return ticket;
    },
    async redeem(ticket) {
      const key = secretHash(ticket);
      const found = waiting.get(key);
      // Taken out before anything is awaited: of parallel calls only the first finds it.
      waiting.delete(key);
      if (found === undefined || found.until <= parts.clock.now()) return null;
      return parts.check(found.session);
    },
  };
}
