import { ERRORS } from '@sveiki/protocol';
import type * as v from 'valibot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BODIES } from '../gateway/http/desk-data.ts';
import { SURVEY_BODIES } from '../gateway/http/survey-door.ts';
import { badAddressIn, bare, CANARIES, stringsIn } from './canaries.ts';
import { type OpenHouse, openHouse } from './open-house.ts';
import { type Hints, stringPlaces } from './schema-samples.ts';

const PER_PLACE = 5;
const QUESTIONS: [string, v.GenericSchema][] = [
  ...Object.entries(BODIES).map(([path, schema]): [string, v.GenericSchema] => [`/desk/api/${path}`, schema]),
  ...Object.entries(SURVEY_BODIES).map(([path, schema]): [string, v.GenericSchema] => [`/survey/api/${path}`, schema]),
];
const hints: Hints = (path) => (path.at(-1) === 'scope' ? { kind: 'site' } : undefined);

let house: OpenHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.server.stop());

let marks = 0;

it.each(QUESTIONS)('%s takes a text in any of its fields for a text, or says what is wrong', async (path, schema) => {
  const session = await house.signedIn('cleo');
  for (const [n, place] of stringPlaces(schema, hints).entries()) {
    for (let i = 0; i < PER_PLACE; i++) {
      const canary = CANARIES[(n * PER_PLACE + i) % CANARIES.length] ?? '';
      const sent = i % 2 === 0 ? `${canary} MARK${++marks}` : canary;
      const response = await house.post(path, place.build(sent), session);
      const where = `${path} ${place.path.join('.')}: ${JSON.stringify(sent)}`;
      const text = await response.text();
      expect(response.status, `${where}: ${text}`).not.toBe(500);
      expect(response.headers.get('x-content-type-options'), where).toBe('nosniff');
      if (response.status === 204) continue;
      expect(response.headers.get('content-type'), where).toMatch(/^application\/(problem\+)?json/);
      const answer = JSON.parse(text) as { code?: string; detail?: string };
      expect(badAddressIn(answer), where).toBeNull();
      if (response.ok) continue;
      expect(Object.keys(ERRORS), where).toContain(answer.code);
      // A refusal names the field and repeats nothing of it, unless the field's name is what was sent.
      if (place.path.at(-1) !== '*') expect(answer.detail, where).not.toContain(sent);
    }
  }
});

it('canned replies and what is left to their readers are exactly what was written', async () => {
  const session = await house.signedIn('cleo');
  for (const [n, canary] of CANARIES.entries()) {
    // In a template braces mean something: what is no template is refused.
    if (canary.includes('{{')) continue;
    const title = `${canary} title`;
    const reply = { shortcut: `kept${n}`, title, body: { en: canary }, scope: { kind: 'site' } };
    const saved = await house.post('/desk/api/replies/save', { reply }, session);
    const answer = (await saved.json()) as { ok: boolean };
    const rows = (await house.server.store.cannedReplies()).filter(({ reply: one }) => one.shortcut === `kept${n}`);
    if (answer.ok) expect(rows.map(({ reply: one }) => one.body['en'])).toEqual([canary]);
    else expect(rows).toEqual([]);
    for (const { text } of stringsIn(rows)) if (text.endsWith(' title')) expect(bare(title)).toContain(bare(text));
  }
});
