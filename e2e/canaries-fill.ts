import { createHmac } from 'node:crypto';
import {
  type ConversationState,
  FROM_CLIENT,
  type FromClient,
  type FromServer,
} from '../packages/protocol/src/index.ts';
import { maySendFrame, visitorMaySend } from '../packages/server/src/domain/access.ts';
import { BODIES } from '../packages/server/src/gateway/http/desk-data.ts';
import { SITE_ORIGIN } from '../packages/server/src/security/open-house.ts';
import { type OpenLine, openLine } from '../packages/server/src/security/open-line.ts';
import { type Hints, type StringPlace, stringPlaces, takes } from '../packages/server/src/security/schema-samples.ts';
import { ADMIN, type CanaryHouse, IDENTITY_KEY, SITE } from './canaries-house.ts';
import type { Marks } from './canaries-marks.ts';

type Schema = Parameters<typeof stringPlaces>[0];
type FrameType = FromClient['type'];
const TYPES = Object.keys(FROM_CLIENT) as FrameType[];
/** What keeps the relay busy for long, and puts nothing anywhere. */
const EARLY: readonly FrameType[] = ['hello', 'pong'];
type Actor = 'visitor' | typeof ADMIN | 'faq' | 'drafter';

/** Whoever fills fields of one conversation: its visitor, an admin and two bots, each over a line of their own. */
export interface Fillers {
  /**
   * Puts a canary into each text of each frame, over the real lines. Gives how many were taken.
   *
   * @param most for a field that stands in several kinds of things, as a label in all kinds of fields, in so many of them
   */
  frames(most: number): Promise<number>;
  /** Puts one into each text of what the desk asks over HTTP. */
  bodies(): Promise<number>;
  /** Somebody new for each text of a hello and of an identity token; each says something that is one, too. */
  strangers(): Promise<number>;
  /** A line that grows, who types: what is never stored. And what is only shown after an answer, or after a way to a team. */
  others(): Promise<void>;
  send(actor: Actor, frame: object): Promise<FromServer | undefined>;
  /** Makes the actor the one who answers. */
  own(actor: Exclude<Actor, 'visitor'>): Promise<ConversationState>;
  ask(): Promise<string>;
  end(): Promise<void>;
}

let ids = 0;
const newId = (): string => `made-${String(++ids).padStart(8, '0')}`;
const words = (text: string): { kind: 'text'; text: string }[] => [{ kind: 'text', text }];

/** A place as people would name it: which item of a list and how deep in a condition is the same field. */
function fieldName(path: readonly string[]): string {
  const steps = path.filter((step) => step !== '' && !/^\d+$/.test(step) && !['and', 'or', 'not'].includes(step));
  return steps.join('.');
}

/** One place for each field. */
function fieldsOf(schema: Schema, hints: Hints): Map<string, StringPlace[]> {
  const fields = new Map<string, StringPlace[]>();
  for (const place of stringPlaces(schema, hints)) {
    const name = fieldName(place.path);
    const list = fields.get(name) ?? [];
    // The same name may stand in several kinds of things: a label in every kind of field of a form.
    if (list.length < 12 && !list.some((one) => JSON.stringify(one.build('')) === JSON.stringify(place.build(''))))
      fields.set(name, [...list, place]);
  }
  return fields;
}

export async function openFillers(
  house: CanaryHouse,
  marks: Marks,
  at: { conversation: string; session: string },
): Promise<Fillers> {
  const { store } = house.server;
  const { conversation } = at;
  const lines = new Map<Actor, OpenLine>();

  async function lineOf(actor: Actor): Promise<OpenLine> {
    const known = lines.get(actor);
    if (known !== undefined) return known;
    const hello =
      actor === 'visitor'
        ? { type: 'hello', role: 'visitor', versions: [1], client: 'test', site: SITE, session: at.session }
        : {
            type: 'hello',
            role: 'agent',
            versions: [1],
            client: 'test',
            ticket: await house.ticket(actor),
            lists: false,
          };
    const line = await openLine(house, 'socket', actor === 'visitor' ? 'site' : 'desk', hello);
    await line.until(({ type }) => type === 'welcome');
    lines.set(actor, line);
    void line.closed.then(() => lines.delete(actor));
    if (actor !== 'visitor') await answerTo(line, { type: 'watch', id: newId(), conversation });
    return line;
  }
  async function answerTo(line: OpenLine, frame: object): Promise<FromServer | undefined> {
    // A tool is answered when somebody at the page has decided.
    const { id } = frame as { id?: string; type: string };
    const isAnswered = id !== undefined && (frame as { type: string }).type !== 'call-tool';
    await line.send(frame);
    // What is never answered has been heard when something after it is.
    const barrier = isAnswered ? id : newId();
    if (!isAnswered) await line.send({ type: 'get-events', id: barrier, conversation, after: 0, limit: 1 });
    return line
      .until((one) => ('id' in one && (one.id === barrier || one.id === id)) || one.type === 'error')
      .catch(() => undefined);
  }
  const send: Fillers['send'] = async (actor, frame) => answerTo(await lineOf(actor), frame);
  async function state(): Promise<ConversationState> {
    const row = (await store.conversations([conversation])).get(conversation);
    if (row === undefined) throw new Error('The conversation is not there.');
    return row.state;
  }
  async function own(actor: Exclude<Actor, 'visitor'>): Promise<ConversationState> {
    let now = await state();
    if (now.status === 'resolved') {
      await send('visitor', { type: 'send', id: newId(), conversation, blocks: words('again') });
      now = await state();
    }
    if (now.owner?.id === actor) return now;
    if (actor === ADMIN) await send(ADMIN, { type: 'take', id: newId(), conversation, ownership: now.ownership });
    else {
      const { ownership } = await own(ADMIN);
      await send(ADMIN, { type: 'transfer', id: newId(), conversation, ownership, to: { kind: 'bot', id: actor } });
    }
    now = await state();
    if (now.owner?.id !== actor) throw new Error(`${actor} cannot have the conversation.`);
    return now;
  }
  const ask = async (): Promise<string> => (await store.eventsOfKinds(conversation, ['asked'])).at(-1)?.id ?? '';

  function hintsFor(ownership: number, id: string, asked: string): Hints {
    return (path) => {
      const steps = path.filter((step) => step !== '');
      switch (steps.at(-1)) {
        case 'id':
          return steps.length === 1 ? id : steps.includes('to') ? 'ben' : undefined;
        case 'conversation':
          return conversation;
        case 'ownership':
          return ownership;
        case 'ask':
          return asked === '' ? undefined : asked;
        case 'wrapUp':
          return 'answered';
        case '*':
          return steps.includes('answers') ? 'a' : undefined;
        default:
          return undefined;
      }
    };
  }
  /** Whether the relay took it; what only fits by its shape is not asked. */
  async function offer(actor: Actor, type: FrameType, place: StringPlace, text: string): Promise<boolean> {
    const now = actor === 'visitor' ? await state() : await own(actor === 'drafter' ? ADMIN : actor);
    const asked = await ask();
    let made = place.build(text) as Record<string, unknown>;
    // What visitors leave out, staff has to say.
    const withNumber = { ...made, ownership: now.ownership };
    if (actor !== 'visitor' && takes(FROM_CLIENT[type], withNumber)) made = withNumber;
    const right = hintsFor(now.ownership, newId(), asked);
    for (const key of ['id', 'conversation', 'ownership', 'ask'])
      if (key in made && place.path[0] !== key) made[key] = right([key]) ?? made[key];
    if (!takes(FROM_CLIENT[type], made)) return false;
    const answer = await send(actor, made);
    return answer !== undefined && answer.type !== 'nack' && answer.type !== 'error';
  }

  return {
    ...{ send, own, ask },
    async frames(most) {
      let taken = 0;
      for (const type of TYPES.filter((one) => !EARLY.includes(one))) {
        const actors: Actor[] = [
          ...(visitorMaySend(type) ? (['visitor'] as const) : []),
          ...(maySendFrame('admin', type) ? ([ADMIN] as const) : []),
          ...(!maySendFrame('bot', type) ? [] : type === 'draft' ? (['drafter'] as const) : (['faq'] as const)),
        ];
        for (const actor of actors) {
          if (type === 'answer') {
            const { ownership } = await own(ADMIN);
            const what = {
              kind: 'form',
              form: { id: 'f', purpose: 'in-chat', fields: [{ kind: 'text', id: 'a', label: 'A' }] },
            };
            await send(ADMIN, { type: 'ask', id: newId(), conversation, ownership, what });
          }
          for (const [name, places] of fieldsOf(FROM_CLIENT[type], hintsFor(0, newId(), 'sample-0001'))) {
            const field = `${type} ${name}`;
            for (const place of places.slice(0, most)) {
              for (const text of marks.textsFor(`${field} of ${actor}`)) {
                if (!(await offer(actor, type, place, text))) continue;
                taken++;
                break;
              }
            }
          }
        }
      }
      await own(ADMIN);
      return taken;
    },
    async bodies() {
      const session = await house.signedIn(ADMIN);
      let taken = 0;
      const hints: Hints = (path) =>
        path.at(-1) === 'scope' ? { kind: 'site' } : path.at(-1) === 'conversation' ? conversation : undefined;
      for (const [path, schema] of Object.entries(BODIES)) {
        // What erases is played elsewhere; here everybody is still needed.
        if (path.startsWith('people/erase') && path !== 'people/erasures') continue;
        for (const [name, places] of fieldsOf(schema, hints)) {
          for (const place of places) {
            for (const text of marks.textsFor(`${path} ${name}`)) {
              if (!takes(schema, place.build(text))) continue;
              const response = await house.post(`/desk/api/${path}`, fresh(place.build(text), place.path), session);
              const told = await response.text();
              if (!response.ok || told.includes('"ok":false')) continue;
              taken++;
              break;
            }
          }
        }
      }
      return taken + (await imports(house, marks, session));
    },
    async strangers() {
      const hello = (FROM_CLIENT.hello as unknown as { options: Schema[] }).options[0] as Schema;
      let taken = 0;
      const meet = async (frame: object, field: string): Promise<void> => {
        const line = await openLine(house, 'socket', 'site', {
          ...frame,
          type: 'hello',
          role: 'visitor',
          versions: [1],
          site: SITE,
        });
        const first = await line.until(({ type }) => type === 'welcome' || type === 'error').catch(() => undefined);
        if (first?.type === 'welcome') {
          const [text = ''] = marks.textsFor(`first words after ${field}`);
          const offered = taken % 4 === 0 ? 'offer-me ' : '';
          await answerTo(line, { type: 'send', id: newId(), conversation: newId(), blocks: words(offered + text) });
          taken++;
        }
        await line.end();
      };
      for (const [name, places] of fieldsOf(hello, (path) => (path.at(-1) === 'site' ? SITE : undefined))) {
        if (['site', 'session', 'identity', 'have.*'].includes(name)) continue;
        for (const place of places) {
          const text = marks.textsFor(`hello ${name}`).find((one) => takes(hello, place.build(one)));
          if (text !== undefined) await meet({ client: 'test', ...(place.build(text) as object) }, `hello ${name}`);
        }
      }
      for (const claim of ['sub', 'name', 'email']) {
        const claims = { sub: `noah-${claim}`, name: 'Noah', email: 'noah@shop.example' };
        for (const text of marks.textsFor(`identity ${claim}`)) {
          const identity = signed({ ...claims, [claim]: text });
          const before = taken;
          await meet({ client: 'test', identity }, `identity ${claim}`);
          if (taken > before) break;
        }
      }
      return taken;
    },
    async others() {
      const { ownership } = await own('faq');
      const message = newId();
      const [text = ''] = marks.textsFor('stream text while it grows');
      for (const end of [4, 12, text.length]) {
        await send('faq', { type: 'typing', conversation, on: true });
        await send('faq', { type: 'stream', conversation, ownership, message, text: text.slice(0, end) });
      }
      const id = await uploaded(house, at.session, marks.textsFor('name of a file')[0] ?? '');
      await send('visitor', { type: 'send', id: newId(), conversation, blocks: [{ kind: 'file', id, text: '' }] });
      const now = await own(ADMIN);
      const [thanks = ''] = marks.textsFor('ask what.form.thanks');
      const asking = { id: 'f', purpose: 'in-chat', thanks, fields: [{ kind: 'text', id: 'a', label: 'A' }] };
      const what = { kind: 'form', form: asking };
      await send(ADMIN, { type: 'ask', id: newId(), conversation, ownership: now.ownership, what });
      await send('visitor', { type: 'answer', id: newId(), conversation, ask: await ask(), answers: { a: 'words' } });
      for (const team of ['billing', 'sales']) {
        const to = { kind: 'team', id: team };
        await send(ADMIN, { type: 'transfer', id: newId(), conversation, ownership: (await own(ADMIN)).ownership, to });
      }
      await own(ADMIN);
    },
    async end() {
      for (const line of [...lines.values()]) await line.end();
    },
  };
}

/** A file of a visitor, whole on the relay; gives its id. */
async function uploaded(house: CanaryHouse, session: string, name: string): Promise<string> {
  const bytes = '%PDF-1.7 a bill';
  const ask = async (method: string, path: string, body: string, type: string): Promise<{ id?: string }> => {
    const headers = {
      ...{ origin: SITE_ORIGIN, authorization: `Bearer ${session}`, 'content-type': type },
      ...{ 'sveiki-site': SITE, 'upload-offset': '0' },
    };
    const response = await fetch(`${house.server.url}/v1/files${path}`, { method, body, headers });
    if (!response.ok) throw new Error(`The file was refused: ${await response.text()}`);
    return (await response.json()) as { id?: string };
  };
  const { id = '' } = await ask(
    'POST',
    '',
    JSON.stringify({ site: SITE, name: `${name}.pdf`, size: bytes.length }),
    'application/json',
  );
  await ask('PATCH', `/${id}`, bytes, 'application/offset+octet-stream');
  return id;
}

/** An identity token as the site's server would make it. */
function signed(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const text = `${part({ alg: 'HS256', kid: 'k1' })}.${part({ aud: 'shop', iat: now, exp: now + 600, ...claims })}`;
  return `${text}.${createHmac('sha256', IDENTITY_KEY).update(text).digest('base64url')}`;
}

/** A shortcut belongs to one reply only. */
function fresh(body: unknown, path: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null || !('reply' in body)) return body;
  const { reply } = body as { reply: Record<string, unknown> };
  const { id: _, owner: __, ...rest } = reply;
  const [variable] = (reply['variables'] ?? []) as { name: string }[];
  return {
    reply: {
      ...(path.at(-1) === 'owner' ? reply : rest),
      ...(path.at(-1) === 'shortcut' ? {} : { shortcut: `made${++ids}` }),
      // A variable is asked for where the text has it.
      ...(path.includes('body') ? {} : { body: { en: variable === undefined ? 'Text' : `{{${variable.name}}}` } }),
    },
  };
}

/** Files of canned replies, with a canary in each of their columns. */
async function imports(house: CanaryHouse, marks: Marks, session: { cookie: string }): Promise<number> {
  let taken = 0;
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  for (const column of ['id', 'shortcut', 'title', 'body.en', 'tags', 'owner', 'reviewBy']) {
    for (const text of marks.textsFor(`import ${column}`)) {
      const row: Record<string, string> = {
        id: `import-${++ids}`,
        shortcut: `import${ids}`,
        title: 'Imported',
        'body.en': 'Text',
      };
      row[column] = text;
      const csv = `${Object.keys(row).join(',')}\n${Object.values(row).map(quoted).join(',')}\n`;
      const response = await house.post('/desk/api/replies/import', { text: csv, kind: 'csv' }, session);
      const told = (await response.json()) as { saved?: number };
      if (!response.ok || (told.saved ?? 0) === 0) continue;
      taken++;
      break;
    }
  }
  return taken;
}
