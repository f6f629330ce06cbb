import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenHouse, openHouse, SITE_ORIGIN } from '../security/open-house.ts';
import { openSocket } from '../test-support/gateway.ts';
import { CONFIG } from '../testing/relay-under-test.ts';

let house: OpenHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.server.stop());

const hello = { type: 'hello', role: 'visitor', versions: [1], client: 'test', site: CONFIG.sites[0]?.key };
const socket = () => openSocket(`${house.server.url.replace('http', 'ws')}/v1/socket`, { origin: SITE_ORIGIN });

it('an address that is blocked is told so at every door of visitors, and the desk stays open to it', async () => {
  const open = socket();
  await open.outcome;
  open.client.send(JSON.stringify(hello));
  expect(JSON.parse(await open.message())).toMatchObject({ type: 'welcome' });

  const cleo = await house.signedIn('cleo');
  const network = { network: '127.0.0.0/8', reason: 'Adverts', forMs: 60_000 };
  const made = await house.post('/desk/api/spam/block', network, cleo);
  const { block } = (await made.json()) as { block: { id: string } };

  // On the line it has, …
  expect(JSON.parse(await open.message())).toMatchObject({ type: 'error', code: 'blocked', retry: 'never' });
  expect(await open.closed).toMatchObject({ code: 4403 });
  // … on a new one, …
  const again = socket();
  await again.outcome;
  again.client.send(JSON.stringify(hello));
  expect(JSON.parse(await again.message())).toMatchObject({ type: 'error', code: 'blocked' });
  expect(await again.closed).toMatchObject({ code: 4403 });
  // … where sockets do not pass, …
  const stream = await fetch(`${house.server.url}/v1/stream`, {
    method: 'POST',
    headers: { origin: SITE_ORIGIN },
    body: JSON.stringify(hello),
  });
  expect(await stream.text()).toMatch(/"code":"blocked".*\n\nevent: close/);
  // … and beside lines.
  for (const path of ['/survey/api/question', '/v1/files'])
    expect((await house.post(path, { token: 'x' }, { origin: SITE_ORIGIN })).status).toBe(403);
  expect((await house.post('/desk/api/spam/list', {}, cleo)).status).toBe(200);

  expect((await house.post('/desk/api/spam/unblock', { id: block.id }, cleo)).status).toBe(200);
  const back = socket();
  await back.outcome;
  back.client.send(JSON.stringify(hello));
  expect(JSON.parse(await back.message())).toMatchObject({ type: 'welcome' });
  back.client.close();
});
