import { defineConfig } from '@sveiki/sdk/config';

export default defineConfig({
  logLevel: 'error',
  sites: [
    { key: 'pk_bookshop_sales', name: 'Bookshop', origins: ['https://books.example.com'], team: 'sales' },
    { key: 'pk_bookshop_returns', name: 'Bookshop', origins: ['https://books.example.com'], team: 'returns' },
    { key: 'pk_bookshop_club', name: 'Book club', origins: ['https://books.example.com'], team: 'club' },
  ],
  teams: [
    { id: 'sales', name: 'Sales', strategy: 'round-robin' },
    { id: 'returns', name: 'Returns', strategy: 'round-robin' },
    { id: 'club', name: 'Book club', strategy: 'round-robin' },
  ],
  agents: [{ id: 'ada', teams: ['sales', 'returns', 'club'], capacity: 50 }],

  forms: [
    {
      id: 'return-feedback',
      purpose: 'post-chat',
      title: { en: 'Your return', lv: 'Jūsu atgriešana' },
      fields: [
        {
          kind: 'radio',
          id: 'reason',
          label: 'Why did it come back?',
          required: true,
          options: [
            { value: 'damaged', label: 'damaged' },
            { value: 'wrong', label: 'the wrong book' },
            { value: 'read', label: 'I have read it' },
          ],
        },
        // Asked only of some, and with what they just said in the question.
        {
          kind: 'textarea',
          id: 'packing',
          label: 'What should we change so that nothing arrives {{answer.reason}}?',
          when: { field: 'reason', op: 'is', value: 'damaged' },
        },
        { kind: 'rating', id: 'ease', scale: 'ces', label: 'It was easy to send it back.', required: true },
        {
          kind: 'multi-select',
          id: 'hard',
          label: 'What was hard?',
          when: { field: 'ease', op: 'at-most', value: 4 },
          options: [
            { value: 'label', label: 'Printing the label' },
            { value: 'wait', label: 'Waiting for the money' },
          ],
        },
      ],
    },
  ],
  surveys: [
    // Satisfaction: everybody, at the end of a conversation.
    { id: 'satisfaction', kind: 'csat', when: { on: 'resolve', teams: ['sales'] } },
    // A form of one's own; its rating has figures of its own.
    { id: 'returns', kind: 'custom', form: 'return-feedback', when: { on: 'resolve', teams: ['returns'] } },
    // Recommendation: every other conversation, and nobody again within 90 days.
    { id: 'recommend', kind: 'nps', when: { on: 'resolve', teams: ['club'], sample: 0.5, quietDays: 90 } },
  ],
  wrapUpCodes: [{ id: 'answered', name: 'Question answered' }],
  // Every visitor of this example comes from one address.
  rateFactor: 10,
});
