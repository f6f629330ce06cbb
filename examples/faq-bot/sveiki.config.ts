import { faqBot } from '@sveiki/sdk/bots';
import { defineConfig } from '@sveiki/sdk/config';

export default defineConfig({
  logLevel: 'error',
  sites: [
    {
      key: 'pk_tea_house',
      name: 'Tea house',
      origins: ['https://tea.example.com'],
      team: 'sales',
      // New conversations come to it first.
      bot: 'helper',
    },
  ],
  teams: [{ id: 'sales', name: 'Sales', strategy: 'ring-all', offerMs: 30_000 }],
  agents: [{ id: 'ada', teams: ['sales'], capacity: 5 }],

  bots: [
    faqBot({
      id: 'helper',
      name: 'Tea helper',
      greeting: {
        en: 'Hello! I know the usual answers. A person is never far.',
        lv: 'Labdien! Zinu biežākās atbildes.',
      },
      // It asks for other words this often; a person is offered before that.
      handoffAfter: 6,
    }),
  ],
  handoff: { team: 'sales', offerAfter: 3 },

  // What people answer is what the bot answers.
  cannedReplies: [
    {
      id: 'shipping',
      shortcut: 'shipping',
      title: 'How long does shipping take?',
      body: { en: 'Shipping takes two working days.', lv: 'Piegāde ilgst divas darba dienas.' },
    },
    {
      id: 'water',
      shortcut: 'water',
      title: 'Which water temperature for green tea?',
      body: { en: 'Green tea likes water of 75 °C.', lv: 'Zaļajai tējai der 75 °C silts ūdens.' },
    },
    {
      id: 'return',
      shortcut: 'return',
      title: 'Can I return an opened bag?',
      body: { en: 'An opened bag cannot come back, a closed one can, for 30 days.' },
    },
  ],
});
