import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { AgentAuth } from '../../auth/agent-auth.ts';
import type { Metrics } from '../../metrics.ts';
import type { AgentPrincipal } from '../../ports.ts';
import { FOREIGN_PAGE, Refused } from './problem.ts';
import { cookieOf, requestOrigin } from './request.ts';

export const SESSION_COOKIE = 'sveiki_session';

/** Who may come in at the desk's doors over HTTP. */
export interface DeskDoor {
  /** @throws Refused 403 */
  mustBeOwnPage(env: HttpBindings): void;
  /** @throws Refused 401 */
  mustBeAgent(request: IncomingMessage): Promise<AgentPrincipal>;
}

export function createDeskDoor(parts: {
  auth: () => AgentAuth;
  deskOrigins: ReadonlySet<string>;
  metrics: Metrics;
}): DeskDoor {
  const { auth, deskOrigins, metrics } = parts;
  return {
    /** Whoever changes something must be a page of the desk: a browser names the origin of every such request, and nobody else has the cookie. */
    mustBeOwnPage({ incoming }) {
      const origin = requestOrigin(incoming);
      if (origin !== null && deskOrigins.has(origin)) return;
      metrics.refused('origin');
      throw new Refused(403, 'bad-origin', { detail: FOREIGN_PAGE });
    },
    async mustBeAgent(request) {
      const token = cookieOf(request.headers.cookie, SESSION_COOKIE);
      const principal = token === null ? null : await auth().session(token);
      if (principal === null) throw new Refused(401, 'session-ended');
      return principal;
    },
  };
}
