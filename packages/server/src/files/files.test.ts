import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES } from '../security/canaries.ts';
import { type OpenHouse, openHouse } from '../security/open-house.ts';
import { manualClock } from '../test-support/manual-clock.ts';
import { hostileFiles } from './testing/hostile-files.ts';
import { jpeg, png } from './testing/pictures.ts';
import { agentUploader, conversationId, fileBlock, type Uploader, visitorUploader } from './testing/uploading.ts';

const MINUTE = 60_000;
let house: OpenHouse;
const clock = manualClock(Date.parse('2026-11-22T09:00:00Z'));
beforeAll(async () => {
  house = await openHouse({ clock });
});
afterAll(() => house.server.stop());

const open = (url: string, headers: Record<string, string> = {}) => fetch(house.server.url + url, { headers });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
async function linkTo(who: Uploader, id: string): Promise<string> {
  const response = await who.ask('link', { ...('site' in who.said ? who.said : {}), id });
  const body = (await response.json()) as { url?: string; code?: string };
  return body.url ?? `${response.status} ${body.code}`;
}

/** Mia has sent a picture; Ben has taken the conversation, and put a file into a note. */
async function exchange() {
  const mia = await visitorUploader(house);
  const conversation = conversationId();
  const { file: picture } = await mia.upload('cat.png', png());
  expect(await mia.send(conversation, [fileBlock(picture?.id ?? '')])).toMatchObject({ type: 'ack' });
  const ben = await agentUploader(house, 'ben', conversation);
  await ben.line.send({ type: 'take', id: conversationId(), conversation });
  await ben.line.until(({ type }) => type === 'ack');
  const { file: secret } = await ben.upload('secret.pdf', Buffer.from('%PDF-1.7 SECRET'));
  expect(await ben.send(conversation, [fileBlock(secret?.id ?? '')], 'note')).toMatchObject({ type: 'ack' });
  return { mia, ben, conversation, picture: picture?.id ?? '', secret: secret?.id ?? '' };
}

describe('an upload', () => {
  it('comes in parts, and is a block of a message that everybody in the conversation sees', async () => {
    const mia = await visitorUploader(house);
    const text = Buffer.from('Where is my order? '.repeat(30_000));
    const { file } = await mia.upload('order.txt', text);
    expect(file).toMatchObject({
      kind: 'file',
      name: 'order.txt',
      text: 'order.txt',
      type: 'text/plain',
      size: 570_000,
    });
    const conversation = conversationId();
    await mia.send(conversation, [{ kind: 'text', text: 'Look' }, fileBlock(file?.id ?? '')]);
    const event = await mia.line.until((frame) => frame.type === 'event' && frame.event.body.kind === 'message');
    expect(event).toMatchObject({ event: { body: { blocks: [{ kind: 'text' }, file] } } });
    const opened = await open(await linkTo(mia, file?.id ?? ''));
    expect(await bytesOf(opened)).toEqual(text);
    await mia.line.end();
  });

  it('has no number of a card in its name, wherever that stands', async () => {
    const mia = await visitorUploader(house);
    const { file, id } = await mia.upload('Card 4000056655665556.txt', Buffer.from('Please charge it'));
    expect(file).toMatchObject({ name: 'Card 400005••••••5556.txt', text: 'Card 400005••••••5556.txt' });
    const kept = await house.server.store.files([id]);
    expect(`${JSON.stringify(kept)} ${await linkTo(mia, id)}`).not.toContain('4000056655665556');
    await mia.line.end();
  });

  it('goes on where it was, and says where that is', async () => {
    const mia = await visitorUploader(house);
    const bytes = Buffer.alloc(300_000, 'a');
    const created = await mia.ask('create', { ...mia.said, name: 'a.txt', size: bytes.length });
    const { id } = (await created.json()) as { id: string };
    expect((await mia.patch(id, 0, bytes.subarray(0, 1_000))).status).toBe(200);
    // The answer was lost: the same bytes come again.
    expect(await (await mia.patch(id, 0, bytes.subarray(0, 1_000))).json()).toMatchObject({
      code: 'changed-meanwhile',
    });
    expect(await (await mia.ask('offset', { ...mia.said, id })).json()).toEqual({ offset: 1_000, file: null });
    const both = await Promise.all([1, 2].map(() => mia.patch(id, 1_000, bytes.subarray(1_000, 200_000))));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const end = await mia.patch(id, 200_000, bytes.subarray(200_000));
    expect(await end.json()).toMatchObject({ offset: 300_000, file: { size: 300_000 } });
    expect(await (await mia.ask('offset', { ...mia.said, id })).json()).toMatchObject({ file: { id } });
    expect((await mia.patch(id, 300_000, Buffer.from('more'))).status).toBe(200);
    expect(await bytesOf(await open(await linkTo(mia, id)))).toEqual(bytes);
    await mia.line.end();
  });

  it('is refused when it is too large, for what it says and for what comes', async () => {
    const mia = await visitorUploader(house);
    expect((await mia.ask('create', { ...mia.said, name: 'a.txt', size: 10_000_001 })).status).toBe(413);
    const { id } = (await (await mia.ask('create', { ...mia.said, name: 'a.txt', size: 10 })).json()) as { id: string };
    expect((await mia.patch(id, 0, Buffer.alloc(11, 'a'))).status).toBe(413);
    expect((await mia.patch(id, 0, Buffer.alloc(262_145, 'a'))).status).toBe(413);
    expect((await mia.patch(id, 5, Buffer.alloc(1, 'a'))).status).toBe(409);
    await mia.line.end();
  });

  it('is gone when its sender ends it, and when it is never sent', async () => {
    const mia = await visitorUploader(house);
    const one = await mia.upload('a.png', png());
    expect((await mia.ask('discard', { ...mia.said, id: one.id })).status).toBe(204);
    expect(await linkTo(mia, one.id)).toBe('404 no-such-file');
    const two = await mia.upload('b.png', png());
    const three = await mia.ask('create', { ...mia.said, name: 'c.png', size: 9 });
    const sent = await exchange();
    await house.server.relay.files.purge();
    expect(await house.server.store.files([two.id])).toHaveLength(1);
    clock.advance(25 * 60 * MINUTE);
    await house.server.relay.files.purge();
    expect(await house.server.store.files([two.id, ((await three.json()) as { id: string }).id])).toEqual([]);
    expect(await house.server.store.files([sent.picture, sent.secret])).toHaveLength(2);
  });

  it('needs a session, a page of the site, and a site that there is', async () => {
    const mia = await visitorUploader(house);
    const body = { ...mia.said, name: 'a.png', size: 10 };
    const status = async (headers: object, more: object = {}) =>
      (
        await fetch(`${house.server.url}/v1/files`, {
          method: 'POST',
          headers: { ...mia.headers, 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ ...body, ...more }),
        })
      ).status;
    expect(await status({ authorization: '' })).toBe(401);
    expect(await status({ authorization: `Bearer ${'x'.repeat(42)}` })).toBe(401);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ 'content-type': 'text/plain' })).toBe(415);
    expect(await status({}, { site: 'pk_other_shop' })).toBe(403);
    expect(await status({}, { size: 0 })).toBe(422);
    const { cookie } = await house.signedIn('ada');
    expect(await status({ authorization: '', cookie })).toBe(401);
    await mia.line.end();
  });

  it('begins for nobody while a site is paused, and for no visitor where files are left to staff', async () => {
    const [site] = house.server.config.sites;
    if (site === undefined) throw new Error('There is a site.');
    for (const [config, code] of [
      [{ sites: [{ ...site, paused: true }] }, 'paused'],
      [{ files: { ...house.server.config.files, visitors: false } }, 'forbidden'],
    ] as const) {
      const other = await openHouse({ config: config as Partial<typeof house.server.config> });
      const mia = await visitorUploader(other);
      expect(await (await mia.ask('create', { ...mia.said, name: 'a.png', size: 10 })).json()).toMatchObject({ code });
      const welcome = mia.line.frames.find(({ type }) => type === 'welcome') as { site: { files?: object } };
      expect(welcome.site.files === undefined).toBe(code === 'forbidden');
      await other.server.stop();
    }
  });

  it('comes no faster than allowed, and takes no more room than there is', async () => {
    const strict = await openHouse({
      config: { rateFactor: 1, files: { ...house.server.config.files, perMinute: 3 } },
    });
    const mia = await visitorUploader(strict);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++)
      statuses.push((await mia.ask('create', { ...mia.said, name: 'a.png', size: 10 })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    await strict.server.stop();
    const small = await openHouse({
      config: { files: { ...house.server.config.files, conversationBytes: 1_000_000 } },
    });
    const noah = await visitorUploader(small);
    expect((await noah.ask('create', { ...noah.said, name: 'a.txt', size: 600_000 })).status).toBe(200);
    const full = await noah.ask('create', { ...noah.said, name: 'a.txt', size: 600_000 });
    expect(await full.json()).toMatchObject({ code: 'files-full' });
    await small.server.stop();
  });
});

describe('a message with a file', () => {
  it('is refused when the file is not there, not whole, not his, or sent before', async () => {
    const { mia, ben, picture, conversation } = await exchange();
    const noah = await visitorUploader(house);
    const partly = (await (await noah.ask('create', { ...noah.said, name: 'a.txt', size: 10 })).json()) as {
      id: string;
    };
    const whole = await noah.upload('n.png', png());
    const refused = { type: 'nack', code: 'no-such-file' };
    expect(await noah.send(conversationId(), [fileBlock('made-up')])).toMatchObject(refused);
    expect(await noah.send(conversationId(), [fileBlock(partly.id)])).toMatchObject(refused);
    expect(await noah.send(conversationId(), [fileBlock(whole.id), fileBlock(whole.id)])).toMatchObject(refused);
    expect(await noah.send(conversationId(), [fileBlock(picture)])).toMatchObject(refused);
    expect(await mia.send(conversation, [fileBlock(picture)])).toMatchObject(refused);
    expect(await mia.send(conversation, [fileBlock(whole.id)])).toMatchObject(refused);
    expect(await ben.send(conversation, [fileBlock(whole.id)])).toMatchObject(refused);
    expect(await ben.send(conversation, [fileBlock(whole.id)], 'note')).toMatchObject(refused);
    // Of two at once one has it.
    const own = conversationId();
    const answers = await Promise.all([1, 2].map(() => noah.send(own, [fileBlock(whole.id)])));
    expect(answers.map(({ type }) => type).sort()).toEqual(['ack', 'nack']);
  });

  it('sent again is the same message', async () => {
    const mia = await visitorUploader(house);
    const { id } = await mia.upload('a.png', png());
    const frame = { type: 'send', id: conversationId(), conversation: conversationId(), blocks: [fileBlock(id)] };
    await mia.line.send(frame, frame);
    await mia.line.until(({ type }) => type === 'ack');
    await mia.line.send(frame);
    const { conversation } = frame;
    await mia.send(conversation, [{ kind: 'text', text: 'last' }]);
    const acks = mia.line.frames.filter((one) => one.type === 'ack' && one.id === frame.id);
    expect(new Set(acks.map((one) => JSON.stringify(one)))).toHaveLength(1);
    expect(await house.server.store.filesOf({ conversation })).toHaveLength(1);
  });
});

describe('a link', () => {
  it('is for the one who may read: visitors their own public part, staff all, nobody else', async () => {
    const { mia, ben, picture, secret } = await exchange();
    const noah = await visitorUploader(house);
    for (const id of [picture, secret]) expect(await linkTo(ben, id)).toMatch(/^\/files\//);
    expect(await linkTo(mia, picture)).toMatch(/^\/files\//);
    expect(await linkTo(mia, secret)).toBe('404 no-such-file');
    for (const id of [picture, secret]) expect(await linkTo(noah, id)).toBe('404 no-such-file');
    // Neither what is on its way nor what is not sent yet is anybody else's.
    const own = await ben.upload('draft.pdf', Buffer.from('%PDF-1.7'));
    expect(await linkTo(mia, own.id)).toBe('404 no-such-file');
    expect((await mia.ask('discard', { ...mia.said, id: own.id })).status).toBe(404);
    expect((await mia.ask('offset', { ...mia.said, id: own.id })).status).toBe(404);
    expect((await mia.patch(own.id, 0, Buffer.from('x'))).status).toBe(404);
    expect((await ben.ask('discard', { id: picture })).status).toBe(404);
  });

  it('holds nothing of a session, ends after ten minutes, and cannot be changed', async () => {
    const { mia, picture } = await exchange();
    const url = await linkTo(mia, picture);
    expect(url).not.toContain(mia.session);
    expect(Buffer.from(url.split('/')[2]?.split('.')[0] ?? '', 'base64url').toString()).not.toContain(mia.session);
    expect((await open(url)).status).toBe(200);
    const [, , token = ''] = url.split('/');
    const [payload = '', signature = ''] = token.split('.');
    const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace(picture, 'x')).toString('base64url');
    for (const bad of [
      `${other}.${signature}`,
      `${payload}.${'A'.repeat(43)}`,
      payload,
      `${token}x`,
      '.',
      'x'.repeat(5_000),
    ])
      expect([400, 404]).toContain((await open(`/files/${bad}/a.png`)).status);
    clock.advance(10 * MINUTE);
    expect((await open(url)).status).toBe(404);
  });

  it('of staff opens nothing without the session of the same agent', async () => {
    const { ben, secret } = await exchange();
    const url = await linkTo(ben, secret);
    expect((await open(url)).status).toBe(401);
    expect((await open(url, { cookie: (await house.signedIn('ada')).cookie })).status).toBe(404);
    expect(await (await open(url, ben.headers)).text()).toBe('%PDF-1.7 SECRET');
  });

  it('ends with what it leads to', async () => {
    const { mia, picture, conversation } = await exchange();
    const url = await linkTo(mia, picture);
    const rows = await house.server.store.filesOf({ conversation });
    await house.server.relay.files.erase(rows);
    expect((await open(url)).status).toBe(404);
    expect(await house.server.store.filesOf({ conversation })).toEqual([]);
    for (const row of rows) expect(await house.server.relay.files.bytes(row)).toBeNull();
  });

  it('serves pictures in the page and all else as downloads, in a sandbox, under one type', async () => {
    const { mia, ben, picture, secret } = await exchange();
    const shown = await open(await linkTo(mia, picture));
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="cat.png"; filename*=UTF-8''cat.png`,
      'content-security-policy':
        "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, max-age=600',
    });
    expect(shown.headers.get('set-cookie')).toBeNull();
    const download = await open(await linkTo(ben, secret), ben.headers);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="secret.pdf"; filename*=UTF-8''secret.pdf`,
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(download.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('serves single ranges, and the whole for anything else', async () => {
    const mia = await visitorUploader(house);
    const { id } = await mia.upload('abc.txt', Buffer.from('abcdefghij'));
    const url = await linkTo(mia, id);
    const range = async (value: string) => {
      const response = await open(url, { range: value });
      return `${response.status} ${await response.text()} ${response.headers.get('content-range') ?? ''}`.trim();
    };
    expect(await range('bytes=0-3')).toBe('206 abcd bytes 0-3/10');
    expect(await range('bytes=7-')).toBe('206 hij bytes 7-9/10');
    expect(await range('bytes=-2')).toBe('206 ij bytes 8-9/10');
    expect(await range('bytes=5-500')).toBe('206 fghij bytes 5-9/10');
    expect(await range('bytes=10-')).toBe('416  bytes */10');
    expect(await range('bytes=3-1')).toBe('416  bytes */10');
    expect(await range('bytes=0-1,3-4')).toBe('200 abcdefghij');
    expect(await range('lines=0-1')).toBe('200 abcdefghij');
    const head = await fetch(house.server.url + url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
  });
});

describe('hostile files', () => {
  const files = hostileFiles();
  it('are many', () => {
    expect(files.length).toBeGreaterThanOrEqual(61);
    expect(new Set(files.map(({ what }) => what)).size).toBe(files.length);
  });

  it.each(files)(
    '$what is refused, or stored as something that does nothing',
    async ({ name, bytes, refused, gone }) => {
      const mia = await visitorUploader(house);
      const { status, file, code, id } = await mia.upload(name, bytes);
      if (file === null) {
        expect([status, code]).toEqual([415, 'bad-file']);
        expect(await house.server.store.files([id])).toEqual([]);
      }
      expect(file === null).toBe(refused === true);
      if (file === null) return mia.line.end();
      expect(file.name).toMatch(/^[^/\\:*?"<>|%;\p{Cc}\u202a-\u202e]{1,120}$/u);
      expect(file.name).toMatch(/\.(png|jpg|gif|webp|pdf|txt|csv|zip|docx|mp3|mp4)$/);
      const opened = await open(await linkTo(mia, file.id));
      const served = await bytesOf(opened);
      expect(opened.status).toBe(200);
      expect(opened.headers.get('content-type')).toMatch(
        /^(image\/(png|jpeg|gif|webp)|application\/(pdf|zip|vnd\.[\w.-]+)|(audio|video)\/\w+|text\/(plain|csv); charset=utf-8)$/,
      );
      const isPicture = file.type.startsWith('image/');
      expect(opened.headers.get('content-disposition')).toMatch(isPicture ? /^inline; / : /^attachment; /);
      expect(opened.headers.get('x-content-type-options')).toBe('nosniff');
      expect(opened.headers.get('content-security-policy')).toContain('sandbox;');
      if (isPicture)
        for (const word of ['hacked', '<script', 'PK\x03\x04', 'GPS']) expect(served.includes(word)).toBe(false);
      if (gone !== undefined) expect(served.includes(gone)).toBe(false);
      await mia.line.end();
    },
  );

  it('take any text for a name, which is a line that can stand in a header and a page', async () => {
    for (const canary of CANARIES) {
      const mia = await visitorUploader(house);
      const { file } = await mia.upload(`${canary}.png`.slice(-1_000), png());
      const name = file?.name ?? '';
      expect(name, canary).toMatch(/^[^/\\:*?"<>|%;\p{Cc}\u202a-\u202e\u2066-\u2069]{1,116}\.png$/u);
      const opened = await open(await linkTo(mia, file?.id ?? ''));
      expect(opened.headers.get('content-disposition'), canary).toMatch(
        /^inline; filename="[\x20\x21\x23-\x5b\x5d-\x7e]+"; filename\*=UTF-8''[\w.~%-]+$/,
      );
      await opened.arrayBuffer();
      await mia.line.end();
    }
  });

  it('keep of a photo which way is up, and nothing of where it was taken', async () => {
    const mia = await visitorUploader(house);
    const { exif, jpegSegment } = await import('./testing/pictures.ts');
    const photo = jpeg({ extra: [jpegSegment(0xe1, exif(6))], width: 16, height: 8 });
    const { file } = await mia.upload('IMG_1.JPG', photo);
    expect(file).toMatchObject({ name: 'IMG_1.jpg', type: 'image/jpeg', width: 8, height: 16 });
    const served = await bytesOf(await open(await linkTo(mia, file?.id ?? '')));
    expect(served.includes('GPS')).toBe(false);
    expect(served.includes(Buffer.from('0112000300000001000600', 'hex'))).toBe(true);
    await mia.line.end();
  });
});
