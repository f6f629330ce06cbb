import { defineConfig } from '@sveiki/sdk/config';

/** Three teams of a repair service. Whoever writes is answered in his language by somebody who knows the matter. */
export default defineConfig({
  logLevel: 'error',
  sites: [{ key: 'pk_repair_service', name: 'Fix & Go', origins: ['https://fix.example.com'], team: 'sales' }],

  // Languages need not be listed: `language:lv` is there for every language.
  skills: ['invoices', 'bicycles'],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'least-loaded', language: 'preferred' },
    {
      id: 'billing',
      name: 'Billing',
      strategy: 'skill-match',
      language: 'required',
      // Not under level 2: others would have to ask.
      skills: [{ skill: 'invoices', level: 2 }],
    },
    {
      id: 'workshop',
      name: 'Workshop',
      strategy: 'skill-match',
      language: 'required',
      skills: [{ skill: 'bicycles', required: false }],
      // After two minutes any language is better than none.
      relax: [{ afterMs: 120_000, drop: ['language'] }],
    },
  ],
  agents: [
    {
      id: 'ada',
      teams: ['sales', 'billing'],
      capacity: 3,
      skills: { invoices: 4, 'language:lv': 5, 'language:en': 4 },
    },
    {
      id: 'ben',
      teams: ['sales', 'workshop'],
      capacity: 3,
      skills: { bicycles: 5, 'language:de': 4, 'language:en': 5 },
    },
    {
      id: 'cleo',
      teams: ['billing', 'workshop'],
      capacity: 2,
      skills: { invoices: 1, bicycles: 2, 'language:lv': 4, 'language:de': 5, 'language:en': 5 },
    },
  ],

  routing: {
    rules: [
      {
        when: { words: ['invoice', 'rēķins', 'rēķinu', 'Rechnung'] },
        decide: { to: 'queue', id: 'billing', reason: 'Asks about an invoice' },
      },
      {
        when: { words: ['bicycle', 'ritenis', 'riteni', 'Fahrrad'] },
        decide: { to: 'queue', id: 'workshop', reason: 'Asks about a bicycle' },
      },
    ],
  },
});
