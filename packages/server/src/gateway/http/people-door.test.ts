import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenHouse, openHouse, SITE_ORIGIN } from '../../security/open-house.ts';
import { logOf } from '../../store/contract.ts';
import { entriesIn } from '../../test-support/read-zip.ts';
import { tokenHash } from '../session/visitors.ts';

const SITE = 'pk_shop_test';
let house: OpenHouse;
beforeEach(async () => {
  house = await openHouse({ config: { rateFactor: 1 } });
  for (const visitor of ['mia', 'noah']) {
    const row = { id: visitor, site: SITE, name: visitor, email: `${visitor}@shop.example`, externalId: null };
    await house.server.store.append({
      ...{ events: [], conversations: [], cursors: [] },
      visitors: [{ ...row, locale: null, timeZone: null, visit: null, firstSeenAt: 1, lastSeenAt: Date.now() }],
      visitorSessions: [
        { tokenHash: tokenHash(tokenOf(visitor)), visitor, createdAt: 1, expiresAt: Date.now() + 1_000_000 },
      ],
    });
    const log = logOf(`of-${visitor}`, visitor);
    await house.server.store.append(log.start(1));
    const said = { kind: 'message' as const, blocks: [{ kind: 'text' as const, text: `I am ${visitor}` }] };
    const noted = { kind: 'note' as const, blocks: [{ kind: 'text' as const, text: `Careful with ${visitor}` }] };
    await house.server.store.append(log.next(2, [`v:${visitor}`, said], ['a:ada', noted]));
  }
});
afterEach(() => house.server.stop());

const tokenOf = (visitor: string): string => visitor.padEnd(43, 'x');
const ask = (
  path: string,
  visitor: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<Response> =>
  house.post(
    `/v1/people/${path}`,
    { site: SITE, ...body },
    { origin: SITE_ORIGIN, authorization: `Bearer ${tokenOf(visitor)}`, ...headers },
  );
const archiveIn = async (response: Response) => entriesIn(Buffer.from(await response.arrayBuffer()));

describe('a visitor', () => {
  it('downloads what is his, and nothing that staff said among itself', async () => {
    const response = await ask('export', 'mia');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('access-control-allow-origin')).toBe(SITE_ORIGIN);
    const entries = await archiveIn(response);
    expect([...entries.keys()]).toEqual(['person.json', 'conversations/of-mia.json']);
    const all = [...entries.values()].join('');
    expect(all).toContain('I am mia');
    expect(all).not.toMatch(/noah|Careful/);
  });

  it('is forgotten when he asks with the word, and his session opens nothing any more', async () => {
    expect((await ask('erase', 'mia')).status).toBe(422);
    const response = await ask('erase', 'mia', { confirm: 'erase' });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ by: 'visitor', reason: 'asked-by-person' });
    await house.server.relay.personalData.settled();
    expect((await ask('export', 'mia')).status).toBe(401);
    expect(await house.server.store.visitor('mia')).toBeNull();
    expect(await house.server.store.visitor('noah')).not.toBeNull();
  });

  it('of whom nothing is kept hears that there is nothing', async () => {
    const response = await ask('export', 'zoe');
    expect(response.status).toBe(404);
    expect((await ask('erase', 'zoe', { confirm: 'erase' })).status).toBe(404);
  });

  it('may do it a few times an hour', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const response = await ask('export', 'mia');
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await ask('export', 'noah')).status).toBe(200);
  });

  it('is only served from a page of his site', async () => {
    for (const origin of ['https://evil.example', house.desk])
      expect((await ask('export', 'mia', {}, { origin })).status).toBe(403);
    expect((await ask('export', 'mia', { site: 'pk_other' })).status).toBe(403);
    expect((await ask('export', 'mia', {}, { authorization: '' })).status).toBe(401);
  });
});

describe('a manager', () => {
  it('finds a person, downloads everything, and has him forgotten with a receipt', async () => {
    const mel = await house.signedIn('mel');
    const post = async (path: string, body: object) => house.post(`/desk/api/${path}`, body, mel);
    const found = (await (await post('people/find', { text: 'MIA@shop.example' })).json()) as { people: object[] };
    expect(found.people).toMatchObject([{ id: 'mia', name: 'mia', isBeingErased: false }]);
    const entries = await archiveIn(await post('people/export', { id: 'mia', all: true }));
    expect(`${entries.get('conversations/of-mia.json')}`).toContain('Careful with mia');
    const asked = await post('people/erase', { id: 'mia', reason: 'asked-by-person' });
    expect(asked.status).toBe(200);
    const { id } = (await asked.json()) as { id: string };
    await house.server.relay.personalData.settled();
    expect(await (await post('people/erasures', {})).json()).toMatchObject({
      erasures: [{ id, state: 'done' }],
      more: false,
    });
    expect(await (await post('people/receipt', { id })).json()).toMatchObject({ erasure: id, by: 'agent:mel' });
    expect((await post('people/export', { id: 'mia', all: true })).status).toBe(404);
    const { rows } = (await (await house.post('/desk/api/audit/list', {}, mel)).json()) as {
      rows: { action: string }[];
    };
    const actions = rows.map(({ action }) => action);
    for (const action of ['person.found', 'person.exported', 'person.erasure-asked', 'person.erased'])
      expect(actions).toContain(action);
    expect(JSON.stringify(rows)).not.toContain('mia@');
  });
});
