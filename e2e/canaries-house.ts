import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '@sveiki/sdk/config';
import { ConfigError, parseConfig } from '../packages/server/src/config.ts';
import type { Config } from '../packages/server/src/config-types.ts';
import { silentLog } from '../packages/server/src/log.ts';
import { startServer } from '../packages/server/src/main.ts';
import { stringsIn } from '../packages/server/src/security/canaries.ts';
import { doorsOf, type OpenHouse, SITE_ORIGIN } from '../packages/server/src/security/open-house.ts';
import type { Marks } from './canaries-marks.ts';

/** Whoever signs in; all the others are called like the canaries. */
export const ADMIN = 'ari';
export const SITE = 'pk_shop_test';
export const IDENTITY_KEY = 'a-key-that-only-the-shop-and-the-relay-know';
const people = { ada: 'agent', ben: 'agent', cleo: 'lead', [ADMIN]: 'admin' } as const;

export interface CanaryHouse extends OpenHouse {
  /** The address of a page with the widget of one of the sites. */
  page(site: string): string;
  /** Keys of all sites. */
  readonly sites: readonly string[];
  /** Fields of the configuration that took a canary. */
  readonly configured: number;
  stop(): Promise<void>;
}

/** Of everything a configuration can have, something. */
function configInput(pageOrigin: string): ConfigInput {
  const origins = [SITE_ORIGIN, pageOrigin];
  const everyField = [
    { kind: 'header', id: 'head', label: 'Head', help: 'Help' },
    { kind: 'text', id: 'a', label: { en: 'Text' }, help: { en: 'Help' }, default: 'Default' },
    { kind: 'textarea', id: 'b', label: 'Long', default: 'Default' },
    { kind: 'name', id: 'c', label: 'Name', prefill: 'visitor.name' },
    { kind: 'email', id: 'd', label: 'Mail', prefill: 'visitor.email' },
    { kind: 'phone', id: 'e', label: 'Phone' },
    { kind: 'link', id: 'f', label: 'Link' },
    { kind: 'number', id: 'g', label: 'Number' },
    { kind: 'date', id: 'h', label: 'Date' },
    { kind: 'checkbox', id: 'i', label: 'Check' },
    { kind: 'consent', id: 'j', label: 'Consent', policy: 'https://shop.example/privacy' },
    {
      kind: 'radio',
      id: 'k',
      label: 'Radio',
      options: [
        { value: 'x', label: 'X' },
        { value: 'y', label: { en: 'Y' } },
      ],
    },
    {
      kind: 'select',
      id: 'l',
      label: 'Select',
      options: [
        { value: 'x', label: 'X' },
        { value: 'y', label: 'Y' },
      ],
    },
    {
      kind: 'multi-select',
      id: 'm',
      label: 'Many',
      options: [
        { value: 'x', label: 'X' },
        { value: 'y', label: 'Y' },
      ],
    },
    { kind: 'rating', id: 'n', scale: 'nps', label: 'Rating', low: 'Low', high: 'High', points: { '1': 'One' } },
    {
      kind: 'rating',
      id: 'o',
      scale: 'csat',
      label: { en: 'Rating' },
      low: { en: 'Low' },
      points: { '5': { en: 'Five' } },
    },
    { kind: 'hidden', id: 'p', label: 'Hidden', default: 'Default' },
  ] as const;
  const fields = everyField as unknown as NonNullable<ConfigInput['forms']>[number]['fields'];
  const token = (name: string): string => `a-token-of-${name}-that-is-long-enough`;
  return {
    ...{ host: '127.0.0.1', port: 0, publicUrl: 'http://127.0.0.1:0', logLevel: 'silent', rateFactor: 100_000 },
    sites: [
      {
        ...{ key: SITE, name: 'Shop', origins, team: 'sales', topics: ['One?', 'Two?', 'Three?'] },
        contact: { email: 'help@shop.example', phone: '+371 20000000', url: 'https://shop.example/contact' },
        identity: { keys: [{ id: 'k1', algorithm: 'HS256', key: IDENTITY_KEY }], audience: 'shop' },
      },
      {
        key: 'pk_form_test',
        name: 'Form',
        origins,
        team: 'sales',
        preChat: 'before',
        offline: 'offline',
        topics: ['Four?'],
      },
      {
        ...{ key: 'pk_closed_test', name: 'Closed', origins, team: 'sales', paused: true },
        contact: { url: 'https://shop.example/contact', email: 'help@shop.example', phone: '+371 20000000' },
      },
      { key: 'pk_away_test', name: 'Away', origins, team: 'night', schedule: 'never', offline: 'offline' },
      {
        ...{ key: 'pk_consent_test', name: 'Consent', origins, team: 'sales', topics: ['Five?'] },
        consent: {
          text: { en: 'We store what you write.' },
          link: { en: 'https://shop.example/privacy' },
          strict: true,
        },
      },
      {
        ...{ key: 'pk_agree_test', name: 'Agree', origins, team: 'sales' },
        consent: { version: '1', text: { en: 'We store what you write.' }, link: 'https://shop.example/privacy' },
      },
      { key: 'pk_bot_test', name: 'Bot', origins, team: 'sales', bot: 'faq' },
    ],
    teams: [
      { id: 'sales', name: 'Sales', strategy: 'manual' },
      { id: 'billing', name: 'Billing', strategy: 'round-robin', mode: 'offer' },
      { id: 'night', name: 'Night', strategy: 'manual', schedule: 'never' },
    ],
    agents: [
      { id: ADMIN, teams: ['sales', 'billing'], capacity: 100, skills: { amber: 5, 'language:lv': 5 } },
      { id: 'ada', teams: ['sales', 'night'], capacity: 5, skills: { amber: 3 }, shifts: ['never'] },
    ],
    skills: ['amber'],
    schedules: { never: { timeZone: 'Europe/Riga', week: { 7: [['03:00', '03:01']] }, dates: { '2026-12-24': [] } } },
    routing: {
      rules: [{ when: { words: ['offer-me'] }, decide: { to: 'queue', id: 'billing', reason: 'A rule decided' } }],
    },
    forms: [
      { id: 'before', purpose: 'pre-chat', title: 'Before', fields },
      { id: 'offline', purpose: 'offline', title: { en: 'Offline' }, fields: fields.slice(0, 3) },
      { id: 'after', purpose: 'post-chat', title: 'After', submit: 'Send', thanks: { en: 'Thanks' }, fields },
      { id: 'inside', purpose: 'in-chat', title: 'Inside', fields },
    ],
    surveys: [
      { id: 'custom', kind: 'custom', form: 'after', when: { on: 'resolve', sample: 1 } },
      { id: 'csat', kind: 'csat', when: { on: 'transfer', quietDays: 30 } },
    ],
    cannedReplies: [
      {
        ...{ id: 'hello', shortcut: 'hello', title: 'Hello', body: { en: 'Hello' }, tags: ['tag'] },
        variables: [{ name: 'order', ask: 'Order number', default: 'none' }],
      },
      {
        id: 'order',
        shortcut: 'order',
        title: 'Order',
        body: { en: '{{order}}' },
        variables: [{ name: 'order', ask: 'Number' }],
      },
    ],
    bots: [
      { id: 'faq', name: 'Faq', token: token('faq') },
      { id: 'drafter', name: 'Drafter', token: token('drafter'), drafts: true },
    ],
    handoff: { team: 'sales', timeoutMs: 86_400_000 },
    webhooks: [
      {
        url: 'https://crm.example/hook',
        secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
        events: ['survey.*'],
      },
    ],
    wrapUpCodes: [
      { id: 'answered', name: 'Answered' },
      { id: 'refund', name: 'Refund' },
    ],
    privacy: {
      masking: { custom: [{ id: 'number', patterns: ['KL-######'] }] },
      retention: [{ what: 'files', days: 30 }],
    },
    agentGraceMs: 3_600_000,
  };
}

/** Every text of a value, with its place, and the value with another text there. */
function* textsIn(
  value: unknown,
  path: string[] = [],
): Generator<{ path: string[]; text: string; build(text: string): unknown }> {
  if (typeof value === 'string') yield { path, text: value, build: (text) => text };
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries())
      for (const { build, ...inner } of textsIn(item, [...path, String(i)]))
        yield { ...inner, build: (text) => value.with(i, build(text)) };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      for (const { build, ...inner } of textsIn(item, [...path, key]))
        yield { ...inner, build: (text) => ({ ...value, [key]: build(text) }) };
  }
}

/** What must stay as it is, or nobody finds the relay. */
const KEPT = ['host', 'publicUrl', 'logLevel', 'origins', 'key', 'secret', 'token', 'identity'];

/** The configuration with a canary in each of its texts that takes one. */
async function configWith(
  marks: Marks,
  input: ConfigInput,
  dataDir: string,
): Promise<{ config: Config; count: number }> {
  let current: unknown = { ...input, dataDir };
  const taken = new Set<string>();
  const texts = [...stringsIn(input)].map(({ text }) => text);
  for (const { path, text: before } of [...textsIn(input)]) {
    if (path.some((step) => KEPT.includes(step))) continue;
    // What stands twice is the name of something else, and shown nowhere.
    if (/^[a-z0-9_-]+$/.test(before) && texts.filter((one) => one === before).length > 1) continue;
    const key = path.join('.');
    const place = [...textsIn(current)].find((one) => one.path.join('.') === key);
    for (const text of marks.textsFor(`config ${key}`)) {
      const next = place?.build(text);
      const isTaken = await parseConfig(next as ConfigInput, { env: {} }).then(
        // A text that is only a name of something else is not shown: then it would not be there as it is.
        (config) => [...stringsIn(config)].some((one) => one.text === text),
        (error: unknown) => {
          if (!(error instanceof ConfigError)) throw error;
          return false;
        },
      );
      if (!isTaken) continue;
      taken.add(key);
      current = next;
      break;
    }
  }
  return { config: await parseConfig(current as ConfigInput, { env: {} }), count: taken.size };
}

/** The real relay with its built widget and desk, on a disk of its own; colleagues and configuration are canaries. */
export async function openCanaryHouse(marks: Marks): Promise<CanaryHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-canaries-'));
  let relay = '';
  const title = marks.textsFor('title of the page')[0] ?? '';
  const pages = createServer((request, response) => {
    const site = (request.url ?? '').slice(1).replace(/\?.*/, '');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    response.end(`<!doctype html><html lang="en"><head><title>${escaped}</title><link rel="icon" href="/none.png">
<script async src="${relay}/widget.js" data-site="${site}"></script></head><body><main><h1>Shop</h1></main></body></html>`);
  });
  await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening));
  const pageOrigin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const { config, count } = await configWith(marks, configInput(pageOrigin), folder);
  const server = await startServer(config, {
    log: silentLog,
    async prepare({ store }) {
      for (const [id, role] of Object.entries(people))
        await store.saveAgent({
          ...{ id, role, email: `${id}@shop.example`, teams: ['sales', 'billing'], capacity: 1_000 },
          name: id === ADMIN ? 'Ari' : (marks.textsFor(`name of agent ${id}`)[0] ?? id),
          ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
        });
    },
  });
  relay = server.url;
  const doors = doorsOf(server);
  return {
    ...doors,
    configured: count,
    sites: server.config.sites.map(({ key }) => key),
    page: (site) => `${pageOrigin}/${site}`,
    async ticket(agent) {
      if (agent in people) return doors.ticket(agent);
      return (await server.auth.botTicket(`a-token-of-${agent}-that-is-long-enough`)) ?? '';
    },
    async stop() {
      await server.stop();
      pages.closeAllConnections();
      await new Promise((closed) => pages.close(closed));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
