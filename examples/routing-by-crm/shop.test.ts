import { request } from 'node:http';
import { isKind } from '@sveiki/sdk/agent';
import { signWebhook } from '@sveiki/sdk/webhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { type Crm, startCrm } from './crm.ts';
import { openShop, type Shop, secrets } from './shop.ts';
import { askingCrm, inProcess } from './sveiki.config.ts';

let shop: Shop;
let crm: Crm;
afterEach(() => Promise.all([shop?.stop(), crm?.stop()]));

async function withCrm(mood: Crm['mood'] = 'well'): Promise<void> {
  crm = await startCrm({ secret: secrets.CRM_SECRET });
  crm.mood = mood;
  // A busy machine may be slow, and only silence is what is tested.
  shop = await openShop(askingCrm(crm.url, mood === 'silent' ? 250 : 10_000));
}

describe.each(['over HTTP', 'in process'])('the decision, asked %s', (how) => {
  const open = async () => {
    if (how === 'over HTTP') return withCrm();
    shop = await openShop(inProcess);
  };

  it('knows customers by the identity that their shop signed', async () => {
    await open();
    const { conversation, reason } = await shop.visitor('c-100');
    expect(reason).toBe('Ben looks after this customer');
    expect(await shop.ownerOf(conversation)).toBe('ben');
    expect(await shop.visitor('c-300')).toMatchObject({ by: 'hook', team: 'billing', reason: '2 unpaid invoices' });
    expect(await shop.visitor()).toMatchObject({ by: 'hook', team: 'sales' });
  });

  it('lets gold customers go first, however late they come', async () => {
    await open();
    // Everybody is busy.
    const [first] = [await shop.visitor(), await shop.visitor()];
    const busy = await shop.ownerOf(first.conversation);
    const plain = await shop.visitor();
    const gold = await shop.visitor('c-200');
    expect(gold.reason).toBe('Gold customer');
    await shop.agent(busy as 'ada').resolve(first.conversation, { wrapUp: 'done' });
    expect(await shop.ownerOf(gold.conversation)).toBe(busy);
    expect(shop.agent('ada').state.watched.get(plain.conversation)?.state.owner).toBeNull();
  });
});

describe('when the CRM', () => {
  it('does not answer in time, the fallback holds, and its reason stands in the log and in the desk', async () => {
    await withCrm('silent');
    const { by, reason, team, conversation } = await shop.visitor('c-200');
    expect({ by, team }).toEqual({ by: 'fallback', team: 'sales' });
    expect(reason).toBe('The route hook did not answer in 250 ms · As without a CRM');
    // The visitor notices nothing: somebody has the conversation.
    expect(['ada', 'ben']).toContain(await shop.ownerOf(conversation));
    const [failure] = await shop.agent('ada').hooks.failures();
    expect(failure).toMatchObject({ hook: 'route', stage: 'route', conversation });
  });

  it('answers nonsense, the log says which', async () => {
    await withCrm('confused');
    const { by, reason } = await shop.visitor();
    expect(by).toBe('fallback');
    expect(reason).toContain('"marketing"');
  });

  it('is away altogether, it is served as without one', async () => {
    await withCrm();
    await crm.stop();
    expect(await shop.visitor()).toMatchObject({ by: 'fallback', team: 'sales' });
  });
});

it('the CRM believes only what its relay signed', async () => {
  await withCrm();
  const body = JSON.stringify({ conversation: {}, queues: [], agents: [], visitor: { verified: true } });
  const ask = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(crm.url, { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end(body);
    });
  const stranger = `whsec_${Buffer.from('the secret of somebody else').toString('base64')}`;
  expect(await ask(await signWebhook(stranger, { id: 'q1', body, at: Date.now() }))).toBe(401);
  expect(await ask(await signWebhook(secrets.CRM_SECRET, { id: 'q1', body, at: Date.now() }))).toBe(200);
  expect(crm.asked).toEqual({ believed: 1, refused: 1 });
});

it('shows staff who decided and why', async () => {
  await withCrm();
  const { conversation } = await shop.visitor('c-300');
  const events = shop.agent('ada').state.watched.get(conversation)?.events ?? [];
  const routed = events.find((event) => isKind(event, 'routed'));
  expect(routed).toMatchObject({ audience: 'staff', actor: { kind: 'system' }, body: { by: 'hook' } });
});
