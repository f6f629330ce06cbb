import { createHash } from 'node:crypto';
import { type ErrorCode, LIMITS, type Visit, type VisitorHello } from '@sveiki/protocol';
import { identifyVisitor } from '../../commands/identify-visitor.ts';
import type { SiteConfig } from '../../config-types.ts';
import { plainAddress, plainLine } from '../../domain/plain-line.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Masking } from '../../masking/masking.ts';
import { personKey, sessionKey } from '../../personal-data/keys.ts';
import { type IdentityClaims, StorageFull, type Store, type VisitorRow, type VisitorSessionRow } from '../../ports.ts';
import type { SessionContext } from './context.ts';

/** Random bytes of a visitor's session token. */
const TOKEN_BYTES = 32;
/** A session's life is prolonged at most this often. */
const PROLONG_EVERY_MS = 3_600_000;

const MAX_EMAIL_CHARS = 254;
/** The letters that language tags and names of time zones have. */
const LOCALE = /^[A-Za-z0-9-]+$/;
const TIME_ZONE = /^[A-Za-z0-9_+/-]+$/;

/** A visitor who said hello. `promised` is stored with his first message: whoever only looks leaves nothing behind. */
export interface GreetedVisitor {
  row: VisitorRow;
  token: string;
  tokenHash: string;
  promised: VisitorSessionRow | null;
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * An anonymous visitor's id follows from his token. So a line that is cut while the commit of his first message runs, and comes back with a token
 * that is not stored yet, is still the same visitor, on any node: the message that is sent again finds itself.
 */
function visitorIdOf(token: string): string {
  return createHash('sha256').update('visitor ').update(token).digest().toString('hex', 0, 16);
}

/** A token of the form that we make. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The visitor whom a session token names at a site; null when it names nobody, or he is nobody here without a signed identity. */
export async function visitorOfToken(
  store: Store,
  now: number,
  token: string,
  site: SiteConfig,
): Promise<string | null> {
  if (!TOKEN.test(token)) return null;
  const hash = tokenHash(token);
  const known = await store.visitorBySession(hash, now);
  if (known !== null) return known.site === site.key ? known.id : null;
  // Promised, and kept only from the first message on.
  const id = visitorIdOf(token);
  if (site.identity?.required === true || (await store.visitor(id)) !== null) return null;
  return (await store.isShutOut([sessionKey(hash), personKey(id)])) ? null : id;
}

/**
 * Who this visitor is. A session token names him; a signed identity binds him to a person of the site. Two identities never share a session, and
 * an unknown token begins somebody new.
 */
export async function greetVisitor(
  context: SessionContext,
  site: SiteConfig,
  said: VisitorHello,
): Promise<GreetedVisitor | Refusal> {
  const { store, clock } = context;
  const hello = plainHello(said, context.masking);
  const now = clock.now();
  const claims = await verifiedClaims(context, site, hello);
  if (typeof claims === 'string') return refuse(claims);
  const hash = hello.session === undefined ? null : tokenHash(hello.session);
  const found = hash === null ? null : await store.visitorBySession(hash, now);
  const known = found !== null && found.site === site.key ? found : null;
  if (known === null && hash !== null && hello.session !== undefined) {
    const keys = [sessionKey(hash), personKey(visitorIdOf(hello.session))];
    if (await store.isShutOut(keys)) return refuse('erased');
  }
  if (claims === null) {
    let stored = known;
    if (stored === null) {
      const promised = await promisedToken(context, hello);
      // His first message may have been stored between the two looks: he is no stranger, and what he sends again is no news.
      const late = promised !== null || hash === null ? null : await store.visitorBySession(hash, now);
      if (late === null || late.site !== site.key) return newcomer(context, site, hello, null, promised);
      stored = late;
    }
    if (hash === null || hello.session === undefined) return newcomer(context, site, hello, null, null);
    const row = await refreshed(context, stored, hello, hash);
    return { row, token: hello.session, tokenHash: hash, promised: null };
  }
  const person = await store.visitorByExternalId(site.key, claims.sub);
  if (
    known !== null &&
    hash !== null &&
    hello.session !== undefined &&
    (known.externalId === claims.sub || (known.externalId === null && person === null))
  ) {
    const bound = {
      ...known,
      externalId: claims.sub,
      name: claims.name ?? known.name,
      email: claims.email ?? known.email,
    };
    if (known.externalId === null) return bind(context, bound, hello, hash);
    const row = await refreshed(context, bound, hello, hash);
    return { row, token: hello.session, tokenHash: hash, promised: null };
  }
  return newcomer(context, site, hello, { claims, person }, null);
}

/** A visitor turned out to be this person. Whoever used the browser before may know the session's token, so he gets another one. */
async function bind(
  context: SessionContext,
  person: VisitorRow & { externalId: string },
  hello: VisitorHello,
  oldHash: string,
): Promise<GreetedVisitor> {
  const { store, clock, ids, config, engine } = context;
  const now = clock.now();
  const token = ids.secret(TOKEN_BYTES);
  const hash = tokenHash(token);
  const row = { ...person, ...whereabouts(person, hello), lastSeenAt: now };
  await store.append({
    events: [],
    conversations: [],
    visitors: [row],
    visitorSessions: [{ tokenHash: hash, visitor: row.id, createdAt: now, expiresAt: now + config.visitorSessionMs }],
    cursors: [],
  });
  await store.endVisitorSession(oldHash);
  await engine.submit(identifyVisitor(ids.next(), row));
  return { row, token, tokenHash: hash, promised: null };
}

function whereabouts(row: VisitorRow, hello: VisitorHello): Pick<VisitorRow, 'locale' | 'timeZone' | 'visit'> {
  return {
    locale: hello.locale ?? row.locale,
    timeZone: hello.timeZone ?? row.timeZone,
    visit: hello.visit ?? row.visit,
  };
}

/** The token he has, if it was promised and nothing is stored under it: not one that ended, expired, or was never ours. */
async function promisedToken({ store }: SessionContext, hello: VisitorHello): Promise<string | null> {
  if (hello.session === undefined || !TOKEN.test(hello.session)) return null;
  return (await store.visitor(visitorIdOf(hello.session))) === null ? hello.session : null;
}

/** The claims of a valid token, null when none was sent and none is needed, or the refusal's code. */
async function verifiedClaims(
  context: SessionContext,
  site: SiteConfig,
  hello: VisitorHello,
): Promise<IdentityClaims | null | ErrorCode> {
  if (hello.identity === undefined) return site.identity?.required === true ? 'identity-required' : null;
  const claims = await context.identity.verify(site.key, hello.identity);
  if (claims === null) return 'bad-identity';
  return {
    sub: claims.sub,
    name: context.masking.text(plainLine(claims.name ?? '', LIMITS.maxNameChars)) || null,
    email: context.masking.text(plainAddress(claims.email ?? '', MAX_EMAIL_CHARS)) || null,
  };
}

/**
 * Where he is, fit to be shown to others: a page may put anything into its title and address. What is no address of a page becomes empty, for
 * staff sees it as a link.
 */
export function plainVisit({ url, title }: Visit, masking: Pick<Masking, 'visit'>): Visit {
  const address = plainAddress(url, LIMITS.maxUrlChars);
  const isPage = /^https?:\/\/[^/]/i.test(address);
  return masking.visit({ url: isPage ? address : '', title: plainLine(title, LIMITS.maxNameChars) });
}

/** What a client says of its visitor, as far as it can be what it should be. */
function plainHello({ visit, locale, timeZone, ...hello }: VisitorHello, masking: Masking): VisitorHello {
  return {
    ...hello,
    ...(visit === undefined ? {} : { visit: plainVisit(visit, masking) }),
    ...(locale !== undefined && LOCALE.test(locale) ? { locale } : {}),
    ...(timeZone !== undefined && TIME_ZONE.test(timeZone) ? { timeZone } : {}),
  };
}

/** A new session, for somebody new or for a person we know from another device. */
async function newcomer(
  { store, clock, ids, config }: SessionContext,
  site: SiteConfig,
  hello: VisitorHello,
  identified: { claims: IdentityClaims; person: VisitorRow | null } | null,
  promised: string | null,
): Promise<GreetedVisitor> {
  const now = clock.now();
  const token = promised ?? ids.secret(TOKEN_BYTES);
  const hash = tokenHash(token);
  const row: VisitorRow = {
    id: identified === null ? visitorIdOf(token) : (identified.person?.id ?? ids.next()),
    site: site.key,
    name: identified?.claims.name ?? identified?.person?.name ?? null,
    email: identified?.claims.email ?? identified?.person?.email ?? null,
    externalId: identified?.claims.sub ?? null,
    locale: hello.locale ?? identified?.person?.locale ?? null,
    timeZone: hello.timeZone ?? identified?.person?.timeZone ?? null,
    visit: hello.visit ?? null,
    firstSeenAt: identified?.person?.firstSeenAt ?? now,
    lastSeenAt: now,
  };
  const session = { tokenHash: hash, visitor: row.id, createdAt: now, expiresAt: now + config.visitorSessionMs };
  if (identified === null) return { row, token, tokenHash: hash, promised: session };
  await store.append({
    events: [],
    conversations: [],
    visitors: [row],
    visitorSessions: [session],
    cursors: [],
  });
  return { row, token, tokenHash: hash, promised: null };
}

/** Notes where he is now, and lets his session live on. */
async function refreshed(
  { store, clock, config, log }: SessionContext,
  row: VisitorRow,
  hello: VisitorHello,
  hash: string,
): Promise<VisitorRow> {
  const now = clock.now();
  const next = { ...row, ...whereabouts(row, hello), lastSeenAt: now };
  const changed = next.locale !== row.locale || next.timeZone !== row.timeZone || next.visit?.url !== row.visit?.url;
  try {
    if (changed || now - row.lastSeenAt > PROLONG_EVERY_MS || hello.identity !== undefined)
      await store.saveVisitor(next);
    if (now - row.lastSeenAt > PROLONG_EVERY_MS) {
      await store.saveVisitorSession({
        tokenHash: hash,
        visitor: row.id,
        createdAt: row.firstSeenAt,
        expiresAt: now + config.visitorSessionMs,
      });
    }
  } catch (error) {
    // While nothing can be written he may read all the same.
    if (!(error instanceof StorageFull)) log.error({ error }, 'Where a visitor is could not be noted');
  }
  return next;
}
