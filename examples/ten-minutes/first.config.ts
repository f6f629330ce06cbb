import { defineConfig } from '@sveiki/sdk/config';

export default defineConfig({
  sites: [{ key: 'pk_my_first_shop', name: 'My shop', origins: ['http://localhost:8080'], team: 'support' }],
  teams: [
    { id: 'support', name: 'Support', strategy: 'longest-idle' },
    { id: 'returns', name: 'Returns', strategy: 'least-loaded', mode: 'offer' },
  ],
});
