import { chatCompletions, type LanguageModel, llmBot } from '@sveiki/sdk/bots';
import { defineConfig } from '@sveiki/sdk/config';

const prices: Readonly<Record<string, number>> = { scarf: 39, mittens: 24 };

export const withModel = (model: LanguageModel) =>
  defineConfig({
    logLevel: 'error',
    sites: [{ key: 'pk_wool_shop', name: 'Wool', origins: ['https://wool.example.com'], team: 'sales', bot: 'woolly' }],
    teams: [{ id: 'sales', name: 'Sales', strategy: 'round-robin' }],
    agents: [{ id: 'ada', teams: ['sales'], capacity: 5 }],
    bots: [
      llmBot({
        id: 'woolly',
        name: 'Woolly',
        model,
        instructions: 'You help in a shop for knitwear. Prices come from the tool "price_of", never from you.',
        tools: [
          {
            name: 'price_of',
            description: 'The price of a product in euros.',
            parameters: { type: 'object', properties: { product: { type: 'string' } }, required: ['product'] },
            // Runs in the relay. What the model wrote is read like a stranger's words.
            run: ({ product }) => (typeof product === 'string' ? { euros: prices[product] ?? null } : null),
          },
          {
            // Without `run` it is a tool of the visitor's page, and he is asked first.
            name: 'show-basket',
            description: 'What the visitor has in his basket.',
            parameters: { type: 'object', properties: {} },
          },
        ],
      }),
    ],
  });

/** Any service or local server of that shape; the key, if it needs one, comes from the environment. */
export default withModel(
  chatCompletions({
    baseUrl: process.env['MODEL_URL'] ?? 'http://127.0.0.1:11434/v1',
    model: process.env['MODEL_NAME'] ?? 'small-model',
    apiKey: process.env['MODEL_KEY'] ?? '',
  }),
);
