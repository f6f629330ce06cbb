import { defineConfig } from '@sveiki/sdk/config';

export default defineConfig({
  logLevel: 'error',
  sites: [{ key: 'pk_flower_shop', name: 'Flowers', origins: ['https://flowers.example.com'], team: 'sales' }],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'round-robin' },
    { id: 'billing', name: 'Billing', strategy: 'manual' },
  ],
  // What stands here is put into the store at the start. What people change in the desk, or import, wins from then on.
  cannedReplies: [
    { id: 'hours', shortcut: 'hours', title: 'Opening hours', body: { en: 'We are open from 9 to 18.' } },
  ],
});
