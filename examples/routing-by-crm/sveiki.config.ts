import { defineConfig } from '@sveiki/sdk/config';
import { customers, decide } from './customers.ts';

/** Everything but who is asked. */
const shop = {
  logLevel: 'error',
  sites: [
    {
      key: 'pk_crm_example',
      name: 'Shop',
      origins: ['https://shop.example.com'],
      team: 'sales',
      // The shop signs who its customers are; `visitor.externalId` is what its token names.
      identity: { keys: [{ id: 'k1', algorithm: 'HS256', key: { env: 'IDENTITY_KEY' } }], audience: 'sveiki' },
    },
  ],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'longest-idle' },
    { id: 'billing', name: 'Billing', strategy: 'longest-idle' },
  ],
  agents: [
    { id: 'ada', teams: ['sales'], capacity: 1 },
    { id: 'ben', teams: ['sales', 'billing'], capacity: 1 },
  ],
} as const;

/** The CRM is asked over HTTP. When it does not answer in time the conversation waits where it would without a CRM. */
export const askingCrm = (url: string, deadlineMs = 250) =>
  defineConfig({
    ...shop,
    routing: {
      route: { url, secret: { env: 'CRM_SECRET' } },
      deadlineMs,
      fallback: { to: 'queue', id: 'sales', reason: 'As without a CRM' },
    },
    // The CRM of this example is on the same machine. One that is not needs no such line.
    allowPrivateAddresses: true,
  });

/** The same decision inside the relay. */
export const inProcess = defineConfig({
  ...shop,
  routing: {
    route: (context) =>
      decide(context.visitor.verified ? customers[context.visitor.externalId ?? ''] : undefined, context),
  },
});

export default askingCrm(process.env['CRM_URL'] ?? 'http://127.0.0.1:4600/route');
