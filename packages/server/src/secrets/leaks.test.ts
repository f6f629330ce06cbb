import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { parseConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { type RunningServer, startServer } from '../main.ts';
import { type OpenHouse, SITE_ORIGIN } from '../security/open-house.ts';
import { agentHello, openLine, visitorHello } from '../security/open-line.ts';
import { createKeptSecrets, KEPT_SECRETS, type SecretName } from './kept-secrets.ts';
import { readKeys } from './key-source.ts';

/** Everything that must stay hidden, as the run itself used it: nobody keeps a list. */
const used = { secrets: new Set<string>(), texts: new Set<string>() };

vi.mock('../ids.ts', async (original) => {
  const { createIds } = await original<typeof import('../ids.ts')>();
  return {
    createIds: (...parts: Parameters<typeof createIds>) => {
      const ids = createIds(...parts);
      const secret = (bytes: number): string => {
        const made = ids.secret(bytes);
        used.secrets.add(made);
        return made;
      };
      return { ...ids, secret };
    },
  };
});

const secretly = (secret: string): string => {
  used.secrets.add(secret);
  return secret;
};
let texts = 0;
const words = (): string => {
  const text = `Ünique words №${++texts} "of" the visitor 4f7a${texts}`;
  used.texts.add(text);
  return text;
};

/** The same text as it could stand somewhere else: raw, escaped, and in other letters wherever it begins in a group of three. */
function formsOf(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  const shifted = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
    const from = shift === 0 ? 0 : 4;
    return (['base64', 'base64url'] as const).map((form) => {
      const text = whole.toString(form).replace(/=+$/, '');
      // The last letter depends on what follows.
      return text.slice(from, Math.floor((whole.length * 8) / 6));
    });
  });
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    ...shifted,
  ];
  return [...new Set(forms)].map((form) => Buffer.from(form));
}

/** The values that stand in a text, in any form. */
function leaksIn(text: Buffer | string, values: Iterable<string>): string[] {
  const hay = Buffer.from(text);
  return [...values].filter((value) => formsOf(value).some((form) => hay.includes(form)));
}

/** The columns in which one of the values stands, with how often. */
function columnsWith(file: string, values: Iterable<string>): string[] {
  const database = new Database(file, { readonly: true });
  const found = new Set<string>();
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
    for (const table of tables) {
      for (const row of database.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[]) {
        for (const [column, value] of Object.entries(row)) {
          if (typeof value !== 'string' && !Buffer.isBuffer(value)) continue;
          if (leaksIn(value, values).length > 0) found.add(`${table}.${column}`);
        }
      }
    }
  } finally {
    database.close();
  }
  return [...found].sort();
}

/** Where words that people wrote may be: in the log of the conversation, and in its state, which holds the last line. */
const WORDS_MAY_BE_IN = ['conversation.state', 'event.body'];

const folder = mkdtempSync(join(tmpdir(), 'sveiki-leaks-'));
const data = join(folder, 'data');
const said: string[] = [];
let server: RunningServer;
let metrics = '';

beforeAll(async () => {
  const webhook = secretly(`whsec_${Buffer.from(Array.from({ length: 32 }, (_, i) => i * 5 + 1)).toString('base64')}`);
  const config = await parseConfig(
    {
      ...{ port: 0, publicUrl: 'http://127.0.0.1:0', dataDir: data, logLevel: 'debug', rateFactor: 1_000 },
      sites: [
        {
          ...{ key: 'pk_shop_test', name: 'Shop', origins: [SITE_ORIGIN], team: 'sales' },
          identity: {
            audience: 'shop',
            keys: [{ id: 'one', algorithm: 'HS256', key: secretly('an-identity-key-of-the-shop-with-enough-bytes') }],
          },
        },
      ],
      teams: [{ id: 'sales', name: 'Sales' }],
      // Nobody listens there: what could not be sent is told in the log.
      webhooks: [{ url: 'http://127.0.0.1:9/crm', secret: webhook }],
      bots: [{ id: 'faq', name: 'Faq', token: secretly('the-token-of-the-bot-that-is-long-enough') }],
      metricsToken: secretly('the-token-of-the-metrics'),
    },
    { folder },
  );
  const log = createLog({ level: 'debug', write: (line) => void said.push(line) });
  server = await startServer(config, { log, publicFolder: '/nowhere' });
  await play();
  const answer = await fetch(`${server.url}/metrics`, {
    headers: { authorization: 'Bearer the-token-of-the-metrics' },
  });
  metrics = await answer.text();
  await server.store.backup(join(folder, 'backup.db'));
  const keys = { kind: 'file', file: join(data, 'sveiki.key') } as const;
  for (const line of readFileSync(keys.file, 'utf8').trim().split('\n')) secretly(line);
  const kept = createKeptSecrets({ store: server.store, clock: systemClock, readKeys: () => readKeys(keys) });
  for (const name of Object.keys(KEPT_SECRETS) as SecretName[])
    for (const { secret } of (await kept.open(name)).all) secretly(secret);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A little of everything: what goes well, what is refused, and what breaks. */
async function play(): Promise<void> {
  const desk = server.config.publicUrl;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: desk, ...headers },
      body: JSON.stringify(body),
    });
  const house: OpenHouse = {
    ...{ server, desk, post },
    signedIn: () => Promise.reject(new Error('Nobody signs in so.')),
    ticket: () => Promise.reject(new Error('Nobody signs in so.')),
  };
  await server.store.saveAgent({
    ...{ id: 'ada', name: 'Ada', role: 'admin', email: 'ada@shop.example', teams: ['sales'], capacity: 5 },
    ...{ presence: 'online', passwordHash: null, active: true, createdAt: 0 },
  });
  await server.auth.setPassword('ada', secretly('correct horse battery staple'));
  const signIn = (body: object) => post('/desk/api/session', body);
  await signIn({ email: 'ada@shop.example', password: secretly('a password that is wrong') });
  await signIn({ email: secretly('typed-my-password-into-the-wrong-field'), password: 'ada@shop.example' });
  await signIn({ code: await server.auth.makeCode('ada') });
  await signIn({ code: secretly('a-code-that-nobody-ever-made-0123456789') });
  const session = await signIn({ email: 'ada@shop.example', password: 'correct horse battery staple' });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { ticket } = (await (await post('/desk/api/ticket', {}, { cookie })).json()) as { ticket: string };
  const bearer = { authorization: 'Bearer the-token-of-the-bot-that-is-long-enough' };
  await fetch(`${server.url}/desk/api/ticket`, { method: 'POST', headers: bearer });
  await fetch(`${server.url}/desk/api/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretly('x'.repeat(20))}` },
  });

  const mia = await openLine(house, 'socket', 'site', visitorHello);
  await mia.until(({ type }) => type === 'welcome');
  const conversation = 'conversation-0001';
  const say = async (id: string): Promise<void> => {
    await mia.send({ type: 'send', id, conversation, blocks: [{ kind: 'text', text: words() }] });
    await mia.until((frame) => frame.type === 'ack' && frame.id === id);
  };
  for (let i = 0; i < 20; i++) await say(`message-${i}-of-mia`);
  const ada = await openLine(house, 'socket', 'desk', agentHello(ticket), { cookie });
  await ada.until(({ type }) => type === 'welcome');
  const blocks = () => [{ kind: 'text', text: words() }];
  await ada.send(
    { type: 'take', id: 'take-0001', conversation },
    { type: 'note', id: 'note-0001', conversation, blocks: blocks() },
  );
  await ada.until((frame) => frame.type === 'ack' && frame.id === 'note-0001');
  await ada.send({ type: 'send', id: 'reply-0001', conversation, ownership: 2, blocks: blocks() });
  await ada.until((frame) => frame.type === 'ack' && frame.id === 'reply-0001');
  await ada.send({ type: 'watch', id: 'watch-0001', conversation });
  await ada.until((frame) => 'id' in frame && frame.id === 'watch-0001');
  // What is refused, and what cannot be read, with words in it.
  await mia.send({ type: 'send', id: 'late', conversation: 'of-somebody-else', blocks: blocks() });
  await mia.send({ type: words(), text: words() });
  const forged = await openLine(house, 'socket', 'site', {
    ...visitorHello,
    identity: secretly('eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaWEifQ.forged'),
  });
  await forged.closed;
  for (const path of ['replies/search', 'audit/list', 'made-up'])
    await post(`/desk/api/${path}`, { query: words(), conversation }, { cookie });
  await fetch(`${server.url}/desk/api/session`, { method: 'DELETE', headers: { origin: desk, cookie } });
  await ada.closed;
  await server.relay.settled();
}

describe('after a run with a little of everything', () => {
  it('much was used that must stay hidden', () => {
    expect(used.secrets.size).toBeGreaterThan(18);
    expect(used.texts.size).toBeGreaterThan(25);
    expect(said.length).toBeGreaterThan(5);
    expect(metrics).toContain('sveiki_');
  });

  it('nothing of it is in a line of the log, or in the metrics', () => {
    for (const values of [used.secrets, used.texts]) {
      expect(leaksIn(said.join(''), values)).toEqual([]);
      expect(leaksIn(metrics, values)).toEqual([]);
    }
  });

  it('no secret is in a byte of the database, of its log, or of a backup', () => {
    const files = [...readdirSync(data).map((name) => join(data, name)), join(folder, 'backup.db')];
    const ofDatabase = files.filter((name) => /\.db(-wal|-shm)?$/.test(name));
    expect(ofDatabase.map((name) => name.slice(folder.length + 1)).sort()).toEqual([
      ...['backup.db', 'data/sveiki.db', 'data/sveiki.db-shm', 'data/sveiki.db-wal'],
    ]);
    for (const name of ofDatabase) expect(leaksIn(readFileSync(name), used.secrets), name).toEqual([]);
  });

  it('words that people wrote are only in the log and state of their conversation', () => {
    for (const name of [join(data, 'sveiki.db'), join(folder, 'backup.db')])
      expect(columnsWith(name, used.texts)).toEqual(WORDS_MAY_BE_IN);
  });
});

describe('the search itself', () => {
  const token = 'Zm9-planted_token-0123456789-abcdefgh';
  it('finds a token in a line of the log, however it is written', () => {
    const forms = [
      token,
      `token=${encodeURIComponent(`${token}+`)}`,
      Buffer.from(token).toString('hex'),
      ...['', 'a', 'ab', 'abc'].flatMap((before) => [
        Buffer.from(`${before}${token}after`).toString('base64'),
        Buffer.from(`${before}${token}after`).toString('base64url'),
      ]),
    ];
    for (const form of forms) expect(leaksIn(JSON.stringify({ message: 'planted', form }), [token])).toEqual([token]);
    const lines: string[] = [];
    createLog({ level: 'info', write: (line) => void lines.push(line) }).info({ what: token }, 'Planted.');
    expect(leaksIn(lines.join(''), [token])).toEqual([token]);
    expect(leaksIn(JSON.stringify({ form: token.slice(0, -1) }), [token])).toEqual([]);
  });

  it('finds words with marks and quotes in what was escaped', () => {
    for (const text of used.texts) {
      expect(leaksIn(JSON.stringify({ a: text }), [text])).toEqual([text]);
      break;
    }
  });

  it('finds a secret that somebody keeps in a column of the database, and the column', async () => {
    await server.store.keepSetting('planted', token);
    expect(columnsWith(join(data, 'sveiki.db'), [token])).toEqual(['setting.value']);
    expect(leaksIn(readFileSync(join(data, 'sveiki.db-wal')), [token])).toEqual([token]);
  });
});
