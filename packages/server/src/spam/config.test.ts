import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';

const site = { key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' };
const config = { sites: [site], teams: [{ id: 'sales', name: 'Sales' }] };
const problem = (more: object) => parseConfig({ ...config, ...more }).then(String, (error: Error) => error.message);

describe('what the configuration says of unwanted messages', () => {
  it('holds on every site, and what a site says for itself wins there', async () => {
    const sites = [site, { ...site, key: 'pk_shop0002', spam: { proofOfWork: 'always', maxLinks: 0 } }];
    const read = await parseConfig({ ...config, sites, spam: { maxLinks: 1, calm: 5 } });
    expect(read.sites.map(({ spam }) => spam)).toMatchObject([
      { proofOfWork: 'suspicious', maxLinks: 1, calm: 5, flood: 60 },
      { proofOfWork: 'always', maxLinks: 0, calm: 5, flood: 60 },
    ]);
  });

  it.each([
    [{ spam: { proofOfWork: 'sometimes' } }, 'spam.proofOfWork: "sometimes" is not when work is asked for. Use "off"'],
    [{ spam: { bits: 30 } }, 'spam.bits: 30 is above 19. Use 1 to 19.'],
    [{ spam: { firstMessageMs: -1 } }, 'spam.firstMessageMs: -1 is below 0.'],
    [{ spam: { captcha: true } }, 'spam.captcha: There is no such setting.'],
    [{ sites: [{ ...site, spam: { flood: 0 } }] }, 'sites[0].spam.flood: 0 is below 1.'],
    [{ sites: [{ ...site, paused: 'yes' }] }, 'sites[0].paused: "yes" cannot be used. Use true or false.'],
    [{ sites: [{ ...site, contact: { email: 'us' } }] }, 'sites[0].contact.email: "us" is not an e-mail address.'],
    [
      { sites: [{ ...site, contact: { phone: 'call us' } }] },
      'sites[0].contact.phone: "call us" is not a phone number.',
    ],
    [
      { sites: [{ ...site, contact: { url: 'javascript:x' } }] },
      'sites[0].contact.url: "javascript:x" is not a web address.',
    ],
  ])('is refused as %j with what to do', async (more, words) => {
    expect(await problem(more)).toContain(words);
  });
});
