import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, originOf, parseConfig } from './config.ts';

const site = { key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' };
const minimal = { sites: [site], teams: [{ id: 'sales', name: 'Sales' }] };

const folder = mkdtempSync(join(tmpdir(), 'sveiki-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

async function problemsOf(input: unknown, env: Record<string, string> = {}) {
  const error = await parseConfig(input, { env }).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${String(error)}`);
  return error.problems;
}

type Wrong = [name: string, input: unknown, expected: { path: string; reason: RegExp; fix: RegExp }];

describe('a configuration that is right', () => {
  it('needs a site and a team, the rest has defaults', async () => {
    expect(await parseConfig(minimal, { folder: '/srv/sveiki' })).toEqual({
      host: '127.0.0.1',
      port: 4310,
      dataDir: '/srv/sveiki/data',
      publicUrl: 'http://127.0.0.1:4310',
      logLevel: 'info',
      metricsToken: null,
      secretKey: null,
      trustedProxies: [],
      sites: [
        {
          ...site,
          spam: { proofOfWork: 'suspicious', firstMessageMs: 2_000, calm: 10, flood: 60, maxLinks: 3, bits: 15 },
        },
      ],
      teams: [{ id: 'sales', name: 'Sales', strategy: 'manual' }],
      wrapUpCodes: [{ id: 'done', name: 'Done' }],
      cannedReplies: [],
      forms: [],
      surveys: [],
      bots: [],
      agents: null,
      schedules: {},
      routing: { skills: [] },
      handoff: { team: null, timeoutMs: 300_000, onFailure: 'queue', offerAfter: 3 },
      webhooks: [],
      hooks: {},
      version: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      agentGraceMs: 30_000,
      reopenWindowMs: 604_800_000,
      visitorSessionMs: 2_592_000_000,
      agentSessionMs: 43_200_000,
      agentIdleMs: 3_600_000,
      allowPrivateAddresses: false,
      rateFactor: 1,
      privacy: {
        masking: { kinds: ['card', 'cvv', 'key', 'private-key'], own: [] },
        retention: [],
      },
      files: {
        ...{ visitors: true, maxFileBytes: 10_000_000, conversationBytes: 200_000_000, siteBytes: 20_000_000_000 },
        ...{ keepUnsentMs: 86_400_000, perMinute: 5, bytesPerHour: 50_000_000, s3: null },
      },
    });
  });

  it('takes the environment over the file', async () => {
    const env = {
      HOST: '0.0.0.0',
      PORT: '8080',
      SVEIKI_DATA_DIR: '/var/lib/sveiki',
      SVEIKI_PUBLIC_URL: 'https://chat.example.com/',
      SVEIKI_LOG_LEVEL: 'warn',
      SVEIKI_METRICS_TOKEN: 'a-token-that-is-long-enough',
      SVEIKI_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      SVEIKI_RATE_FACTOR: '2.5',
    };
    expect(await parseConfig({ ...minimal, port: 1, host: 'x' }, { env })).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      dataDir: '/var/lib/sveiki',
      publicUrl: 'https://chat.example.com',
      logLevel: 'warn',
      metricsToken: 'a-token-that-is-long-enough',
      trustedProxies: ['10.0.0.0/8', '::1'],
      rateFactor: 2.5,
    });
  });

  it('takes an empty variable for one that is not set', async () => {
    expect(await parseConfig({ ...minimal, port: 8080 }, { env: { PORT: '' } })).toMatchObject({ port: 8080 });
  });

  it('takes secrets out of the environment when the file says so', async () => {
    const identity = { audience: 'sveiki', keys: [{ id: 'now', algorithm: 'HS256', key: { env: 'SHOP_KEY' } }] };
    const env = { SHOP_KEY: 'a secret of this shop, 32 bytes or more' };
    const config = await parseConfig({ ...minimal, sites: [{ ...site, identity }] }, { env });
    expect(config.sites[0]!.identity).toEqual({
      audience: 'sveiki',
      required: false,
      keys: [{ id: 'now', algorithm: 'HS256', key: env.SHOP_KEY }],
    });
  });

  it('knows opening hours with several spans, past midnight, and on single days', async () => {
    const schedule = {
      timeZone: 'Europe/Riga',
      week: {
        1: [
          ['09:00', '12:30'],
          ['13:00', '18:00'],
        ],
        5: [['22:00', '02:00']],
        6: [['00:00', '24:00']],
      },
      dates: { '2026-12-24': [], '2026-02-28': [['10:00', '14:00']] },
    };
    expect((await parseConfig({ ...minimal, sites: [{ ...site, schedule }] })).sites[0]!.schedule).toEqual(schedule);
    const office = { timeZone: 'UTC', week: { 1: [['09:00', '12:30']] } };
    const named = { ...minimal, schedules: { office }, sites: [{ ...site, schedule: 'office' }] };
    expect((await parseConfig(named)).sites[0]).toMatchObject({ schedule: office, scheduleName: 'office' });
  });

  it('names an address that people can open when it listens everywhere', async () => {
    expect((await parseConfig({ ...minimal, host: '::' })).publicUrl).toBe('http://localhost:4310');
    expect((await parseConfig({ ...minimal, host: '::1' })).publicUrl).toBe('http://[::1]:4310');
  });
});

describe('a configuration file', () => {
  it('can be JSON; a relative data folder begins beside it', async () => {
    const file = write('sveiki.config.json', JSON.stringify({ ...minimal, dataDir: 'chats' }));
    expect(await loadConfig({ file, env: {} })).toMatchObject({ dataDir: join(folder, 'chats') });
  });

  it.each([['mjs'], ['ts']])('can be a module (.%s) with a default export', async (ending) => {
    const file = write(
      `module.${ending}`,
      `const port: number = 5;\nexport default { ...${JSON.stringify(minimal)}, port };`.replace(
        ending === 'mjs' ? ': number' : '',
        '',
      ),
    );
    expect(await loadConfig({ file, env: {} })).toMatchObject({ port: 5 });
  });

  it('can be named by the environment', async () => {
    const file = write('other.json', JSON.stringify({ ...minimal, port: 6 }));
    expect(await loadConfig({ env: { SVEIKI_CONFIG: file } })).toMatchObject({ port: 6 });
  });

  it.each([
    [
      'is not there',
      () => join(folder, 'nowhere.json'),
      /nowhere\.json has a problem:\n {2}There is no such file\. Make it, or name another/,
    ],
    ['is a folder', () => folder, /./],
    [
      'is not JSON',
      () => write('broken.json', '{ "sites": [,] }'),
      /It is not JSON: .+\. Look for a missing or extra comma/,
    ],
    ['is no object', () => write('list.json', '[]'), /It is not an object/],
    [
      'exports nothing',
      () => write('empty.mjs', 'export const port = 1;'),
      /no default export\. End it with "export default/,
    ],
    [
      'fails',
      () => write('fails.mjs', 'throw new Error("the vault is closed");'),
      /could not be run: the vault is closed/,
    ],
  ])('that %s is told with its name and a way out', async (_name, make, message) => {
    const error = await loadConfig({ file: make(), env: {} }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(message);
  });
});

const edPrivate = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
const withSite = (over: object) => ({ ...minimal, sites: [{ ...site, ...over }] });
const withKey = (algorithm: string, key: unknown) =>
  withSite({ identity: { audience: 'sveiki', keys: [{ id: 'now', algorithm, key }] } });
const withHours = (over: object) => withSite({ schedule: { timeZone: 'Europe/Riga', week: {}, ...over } });

describe('a configuration that is wrong is told where, why, and what to do', () => {
  it.each<Wrong>([
    ['no sites', { teams: minimal.teams }, { path: 'sites', reason: /missing/, fix: /Add it/ }],
    ['an empty list of sites', { ...minimal, sites: [] }, { path: 'sites', reason: /empty/, fix: /Add the site/ }],
    [
      'a rule of retention for a team that is not there',
      { ...minimal, privacy: { retention: [{ what: 'messages', days: 30, teams: ['billing'] }] } },
      { path: 'privacy.retention[0].teams[0]', reason: /no team "billing"/, fix: /"sales"/ },
    ],
    [
      'a rule of retention for a site that is not there',
      { ...minimal, privacy: { retention: [{ what: 'visitors', days: 30, sites: ['pk_other'] }] } },
      { path: 'privacy.retention[0].sites[0]', reason: /no site "pk_other"/, fix: /pk_shop0001/ },
    ],
    [
      'visitors of a team',
      { ...minimal, privacy: { retention: [{ what: 'visitors', days: 30, teams: ['sales'] }] } },
      { path: 'privacy.retention[0]', reason: /has teams, and visitors have none/, fix: /sites/ },
    ],
    [
      'a rule of half a day',
      { ...minimal, privacy: { retention: [{ what: 'files', days: 0.5 }] } },
      { path: 'privacy.retention[0].days', reason: /no whole number/, fix: /whole days/ },
    ],
    ['no teams', { ...minimal, teams: [] }, { path: 'teams', reason: /empty/, fix: /Add the team/ }],
    [
      'a setting that is not known',
      { ...minimal, prot: 4310 },
      { path: 'prot', reason: /no such setting/, fix: /spelling/ },
    ],
    [
      'a setting of a site that is not known',
      withSite({ colour: 'red' }),
      { path: 'sites[0].colour', reason: /no such setting/, fix: /spelling/ },
    ],
    [
      'a port as text',
      { ...minimal, port: '4310' },
      { path: 'port', reason: /"4310" cannot be used/, fix: /a number/ },
    ],
    [
      'a port that is too high',
      { ...minimal, port: 70_000 },
      { path: 'port', reason: /70000 is above 65535/, fix: /0 to 65535/ },
    ],
    ['half a port', { ...minimal, port: 1.5 }, { path: 'port', reason: /not a whole number/, fix: /./ }],
    [
      'an unknown log level',
      { ...minimal, logLevel: 'loud' },
      { path: 'logLevel', reason: /"loud"/, fix: /"debug" or "info"/ },
    ],
    [
      'a public address with a path',
      { ...minimal, publicUrl: 'https://example.com/chat' },
      { path: 'publicUrl', reason: /more than an origin/, fix: /"https:\/\/example\.com"/ },
    ],
    [
      'a public address without scheme',
      { ...minimal, publicUrl: 'example.com' },
      { path: 'publicUrl', reason: /not a web address/, fix: /https:\/\// },
    ],
    [
      'a short metrics token',
      { ...minimal, metricsToken: 'guess' },
      { path: 'metricsToken', reason: /fewer than 16/, fix: /openssl/ },
    ],
    [
      'a proxy by name',
      { ...minimal, trustedProxies: ['proxy'] },
      { path: 'trustedProxies[0]', reason: /"proxy" is not an address/, fix: /10\.0\.0\.0\/8/ },
    ],
    [
      'a proxy range that is too wide',
      { ...minimal, trustedProxies: ['10.0.0.0/33'] },
      { path: 'trustedProxies[0]', reason: /not an address/, fix: /./ },
    ],
    [
      'a key without its prefix',
      withSite({ key: 'shop' }),
      { path: 'sites[0].key', reason: /"shop" is not a site key/, fix: /"pk_"/ },
    ],
    [
      'an origin with a path',
      withSite({ origins: ['https://shop.example.com/'] }),
      { path: 'sites[0].origins[0]', reason: /not an origin/, fix: /Write "https:\/\/shop\.example\.com"/ },
    ],
    [
      'an origin in capitals',
      withSite({ origins: ['https://Shop.example.com'] }),
      { path: 'sites[0].origins[0]', reason: /not an origin/, fix: /"https:\/\/shop\.example\.com"/ },
    ],
    [
      'an origin with a star',
      withSite({ origins: ['https://*.example.com'] }),
      { path: 'sites[0].origins[0]', reason: /not an origin/, fix: /"\*" is not possible/ },
    ],
    ['no origins', withSite({ origins: [] }), { path: 'sites[0].origins', reason: /empty/, fix: /origin of the page/ }],
    [
      'an unknown team',
      withSite({ team: 'billing' }),
      { path: 'sites[0].team', reason: /no team "billing"/, fix: /"sales"/ },
    ],
    [
      'four topics',
      withSite({ topics: ['a', 'b', 'c', 'd'] }),
      { path: 'sites[0].topics', reason: /more than 3/, fix: /three/ },
    ],
    ['a key twice', { ...minimal, sites: [site, site] }, { path: 'sites[1].key', reason: /twice/, fix: /another/ }],
    [
      'a team twice',
      { ...minimal, teams: [...minimal.teams, ...minimal.teams] },
      { path: 'teams[1].id', reason: /Two teams/, fix: /of its own/ },
    ],
    [
      'a team id in capitals',
      { ...minimal, teams: [{ id: 'Sales', name: 'Sales' }] },
      { path: 'teams[0].id', reason: /not an id/, fix: /small letters/ },
    ],
    [
      'a kind of assignment nobody knows',
      { ...minimal, teams: [{ id: 'sales', name: 'Sales', strategy: 'random' }] },
      { path: 'teams[0].strategy', reason: /"random"/, fix: /round-robin/ },
    ],
    ...(
      [
        [
          'a schedule nobody knows',
          { sites: [{ ...minimal.sites[0], schedule: 'nights' }] },
          'sites[0].schedule',
          /no schedule "nights"/,
        ],
        ['a bot nobody knows', { sites: [{ ...minimal.sites[0], bot: 'faq' }] }, 'sites[0].bot', /no bot "faq"/],
        [
          'a form nobody knows',
          { sites: [{ ...minimal.sites[0], preChat: 'who' }] },
          'sites[0].preChat',
          /no form "who"/,
        ],
        [
          'a survey without its form',
          { surveys: [{ id: 'own', kind: 'custom', when: { on: 'resolve' } }] },
          'surveys[0].form',
          /custom survey/,
        ],
        [
          'a survey of a team nobody knows',
          { surveys: [{ id: 's', kind: 'csat', when: { on: 'resolve', teams: ['x'] } }] },
          'surveys[0].when.teams[0]',
          /no team "x"/,
        ],
        [
          'a rule to a team nobody knows',
          { routing: { rules: [{ when: {}, decide: { to: 'queue', id: 'x', reason: 'r' } }] } },
          'routing.rules[0].decide.id',
          /"x"/,
        ],
        [
          'teams that help each other in a circle',
          { teams: [{ ...minimal.teams[0], overflow: { team: 'sales', afterMs: 1_000 } }] },
          'teams[0].overflow.team',
          /./,
        ],
        [
          'a reply to a team nobody knows',
          { cannedReplies: [{ id: 'r', shortcut: 'r', title: 'R', body: { en: 'R' }, scope: { team: 'x' } }] },
          'cannedReplies[0].scope.team',
          /no team "x"/,
        ],
        [
          'a reply that names an open brace',
          { cannedReplies: [{ id: 'r', shortcut: 'r', title: 'R', body: { en: '{{visitor' } }] },
          'cannedReplies[0].body.en',
          /Line 1/,
        ],
        [
          'a bot with the id of an agent',
          {
            agents: [{ id: 'faq', teams: ['sales'], capacity: 1 }],
            bots: [{ id: 'faq', name: 'F', onMessage: () => {} }],
          },
          'bots[0].id',
          /somebody else/,
        ],
        [
          'a bot with a short token',
          { bots: [{ id: 'faq', name: 'F', token: 'short' }] },
          'bots[0].token',
          /fewer than 32/,
        ],
        [
          'a webhook secret of another kind',
          { webhooks: [{ url: 'https://crm.example', secret: 'abc' }] },
          'webhooks[0].secret[0]',
          /not a webhook secret/,
        ],
        [
          'a hook without code',
          { hooks: { events: [{ name: 'h', on: ['message'], run: 'no' }] } },
          'hooks.events[0].run',
          /not a function/,
        ],
      ] as const
    ).map(([name, extra, path, reason]): Wrong => [name, { ...minimal, ...extra }, { path, reason, fix: /./ }]),
    [
      'a shortcut twice',
      {
        ...minimal,
        cannedReplies: [1, 2].map((n) => ({ id: `r${n}`, shortcut: 'hi', title: 'Hi', body: { en: 'Hi' } })),
      },
      { path: 'cannedReplies[1].shortcut', reason: /twice/, fix: /./ },
    ],
    [
      'a shortcut with a space',
      { ...minimal, cannedReplies: [{ id: 'r', shortcut: 'h i', title: 'Hi', body: { en: 'Hi' } }] },
      { path: 'cannedReplies[0].shortcut', reason: /not a shortcut/, fix: /without spaces/ },
    ],
    [
      'a short secret',
      withKey('HS256', 'short'),
      { path: 'sites[0].identity.keys[0].key', reason: /has 5 bytes; HS256 needs 32/, fix: /openssl rand/ },
    ],
    ['an empty secret', withKey('HS256', ''), { path: 'sites[0].identity.keys[0].key', reason: /./, fix: /./ }],
    [
      'a private key',
      withKey('EdDSA', JSON.stringify(edPrivate)),
      { path: 'sites[0].identity.keys[0].key', reason: /private key/, fix: /public key/ },
    ],
    [
      'something else for a key',
      withKey('EdDSA', 'hello'),
      { path: 'sites[0].identity.keys[0].key', reason: /not a public key/, fix: /PEM/ },
    ],
    [
      'an algorithm nobody should use',
      withKey('none', 'x'.repeat(40)),
      { path: 'sites[0].identity.keys[0].algorithm', reason: /"none"/, fix: /"HS256" or "EdDSA"/ },
    ],
    [
      'a secret in a variable that is not set',
      withKey('HS256', { env: 'NOT_SET' }),
      { path: 'sites[0].identity.keys[0].key', reason: /NOT_SET is not set/, fix: /Set it/ },
    ],
    [
      'a time zone nobody knows',
      withHours({ timeZone: 'Riga' }),
      { path: 'sites[0].schedule.timeZone', reason: /"Riga" is not a time zone/, fix: /Europe\/Riga/ },
    ],
    [
      'a time zone by distance',
      withHours({ timeZone: '+03:00' }),
      { path: 'sites[0].schedule.timeZone', reason: /not a time zone/, fix: /./ },
    ],
    [
      'an eighth day',
      withHours({ week: { 8: [] } }),
      { path: 'sites[0].schedule.week.8', reason: /no such setting/, fix: /./ },
    ],
    [
      'a time in another writing',
      withHours({ week: { 1: [['9', '17']] } }),
      { path: 'sites[0].schedule.week.1[0][0]', reason: /"9" is not a time/, fix: /"09:00"/ },
    ],
    [
      'a day that begins at its end',
      withHours({ week: { 1: [['24:00', '02:00']] } }),
      { path: 'sites[0].schedule.week.1[0]', reason: /24:00/, fix: /next day/ },
    ],
    [
      'no time at all',
      withHours({ week: { 1: [['09:00', '09:00']] } }),
      { path: 'sites[0].schedule.week.1[0]', reason: /same time/, fix: /Leave it out/ },
    ],
    [
      'spans that overlap',
      withHours({
        week: {
          1: [
            ['09:00', '13:00'],
            ['12:00', '18:00'],
          ],
        },
      }),
      { path: 'sites[0].schedule.week.1', reason: /overlap/, fix: /Join/ },
    ],
    [
      'a day that does not exist',
      withHours({ dates: { '2026-02-30': [] } }),
      { path: 'sites[0].schedule.dates.2026-02-30', reason: /not a date/, fix: /2026-12-24/ },
    ],
    [
      'two hooks of one name',
      {
        ...minimal,
        hooks: { events: ['message', 'resolved'].map((kind) => ({ name: 'crm', on: [kind], run: () => {} })) },
      },
      { path: 'hooks.events[1].name', reason: /^"crm" is there twice/, fix: /of its own/ },
    ],
    [
      'two webhooks to one address',
      {
        ...minimal,
        webhooks: [1, 2].map(() => ({ url: 'https://crm.example/', secret: `whsec_${'A'.repeat(32)}` })),
      },
      { path: 'webhooks[1].url', reason: /is there twice/, fix: /one webhook/ },
    ],
    [
      'a webhook for what never happens',
      {
        ...minimal,
        webhooks: [{ url: 'https://crm.example/', secret: `whsec_${'A'.repeat(32)}`, events: ['message.sent'] }],
      },
      { path: 'webhooks[0].events', reason: /^Nothing is called "message.sent"/, fix: /"message.created"/ },
    ],
    ['a rate of nothing', { ...minimal, rateFactor: 0 }, { path: 'rateFactor', reason: /below/, fix: /./ }],
  ])('%s', async (_name, input, expected) => {
    const problems = await problemsOf(input);
    expect(problems).toContainEqual({
      path: expected.path,
      reason: expect.stringMatching(expected.reason) as string,
      fix: expect.stringMatching(expected.fix) as string,
    });
    for (const { fix, reason } of problems) expect(`${reason} ${fix}`).toMatch(/\.$/);
  });

  it('all at once, not only the first', async () => {
    const problems = await problemsOf({ ...minimal, port: -1, logLevel: 'loud', sites: [{ ...site, name: '' }] });
    expect(problems.map(({ path }) => path).sort()).toEqual(['logLevel', 'port', 'sites[0].name']);
  });

  it('with the name of the variable when it came from there', async () => {
    const problems = await problemsOf(minimal, { PORT: 'http' });
    expect(problems).toEqual([{ path: 'PORT (port)', reason: '"http" cannot be used.', fix: 'Use a number.' }]);
  });

  it('in one text that a person can read', async () => {
    const error = await parseConfig({ ...minimal, port: 70_000, prot: 1 }, { source: '/etc/sveiki.config.json' }).catch(
      (e: unknown) => e as Error,
    );
    expect((error as Error).message).toBe(
      [
        '/etc/sveiki.config.json has 2 problems:',
        '  port: 70000 is above 65535. Use 0 to 65535.',
        '  prot: There is no such setting. Look at its spelling, or take it out.',
      ].join('\n'),
    );
  });

  it('without printing secrets', async () => {
    const error = await parseConfig(withKey('HS256', 'my short secret'), {}).catch((e: unknown) => e as Error);
    expect((error as Error).message).not.toContain('my short secret');
  });
});

/** What may stand in a list of origins and what may not: every string must be told right. */
const origins: [string, boolean][] = [
  ['https://shop.example.com', true],
  ['http://shop.example.com', true],
  ['https://shop.example.com:8443', true],
  ['http://localhost:3000', true],
  ['http://127.0.0.1:4310', true],
  ['http://[::1]:4310', true],
  ['https://xn--bcher-kva.example', true],
  ['https://a.b.c.d.example', true],
  ['https://shop.example.com/', false],
  ['https://shop.example.com/path', false],
  ['https://shop.example.com?x', false],
  ['https://shop.example.com#x', false],
  ['https://shop.example.com:443', false],
  ['http://shop.example.com:80', false],
  ['https://SHOP.example.com', false],
  ['HTTPS://shop.example.com', false],
  ['https://bücher.example', false],
  ['https://shop.example.com.', true],
  ['https://shop.example.com ', false],
  [' https://shop.example.com', false],
  ['https://shop.example.com, https://evil.example', false],
  ['https://shop.example.com@evil.example', false],
  ['https://user@shop.example.com', false],
  ['https://shop.example.com\\@evil.example', false],
  ['https:shop.example.com', false],
  ['https:///shop.example.com', false],
  ['//shop.example.com', false],
  ['shop.example.com', false],
  ['ftp://shop.example.com', false],
  ['file://', false],
  ['null', false],
  ['*', false],
  ['https://*', false],
  ['https://127.1', false],
  ['https://shop.example.com:99999', false],
  ['https://shop.example.com:08443', false],
  ['chrome-extension://abcdefgh', false],
  ['javascript:alert(1)', false],
  ['', false],
  ['https://shop.example.com\n', false],
  ['https://shop.example.com\u0000', false],
  ['https://%73hop.example.com', false],
];

describe('origins', () => {
  it('is a list worth its name', () => expect(origins.length).toBeGreaterThanOrEqual(35));
  it.each(origins)('%j: %s', (text, isOrigin) => {
    expect(originOf(text)).toBe(isOrigin ? text : null);
  });
});
