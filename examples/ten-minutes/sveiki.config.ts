import { faqBot } from '@sveiki/sdk/bots';
import { defineConfig } from '@sveiki/sdk/config';

export default defineConfig({
  sites: [
    { key: 'pk_my_first_shop', name: 'My shop', origins: ['http://localhost:8080'], team: 'support', bot: 'helper' },
  ],
  teams: [
    { id: 'support', name: 'Support', strategy: 'longest-idle' },
    { id: 'returns', name: 'Returns', strategy: 'least-loaded', mode: 'offer' },
  ],
  routing: {
    rules: [
      {
        when: { words: ['refund', 'return'] },
        decide: { to: 'queue', id: 'returns', priority: 10, reason: 'About a return' },
      },
    ],
  },
  cannedReplies: [
    {
      id: 'hours',
      shortcut: 'hours',
      title: 'When are you open?',
      body: { en: 'We are open from 9 to 18.', lv: 'Esam atvērti no 9 līdz 18.' },
    },
    {
      id: 'parcel',
      shortcut: 'parcel',
      title: 'Where a parcel is',
      body: { en: 'Hello {{visitor.name|there}}, your parcel {{parcel}} comes {{ask:which day}}.' },
      variables: [{ name: 'parcel', ask: 'Number of the parcel' }],
    },
  ],
  surveys: [{ id: 'after-chat', kind: 'csat', when: { on: 'resolve' } }],
  bots: [faqBot({ id: 'helper', name: 'Helper' })],
});
