import type { FileBlock } from '@sveiki/protocol';
import { type OpenHouse, SITE_ORIGIN } from '../../security/open-house.ts';
import { type OpenLine, openLine, visitorHello } from '../../security/open-line.ts';

const SITE = 'pk_shop_test';

/** Somebody with a line and what he needs to upload. */
export interface Uploader {
  line: OpenLine;
  headers: Record<string, string>;
  /** Before the paths of files. */
  base: string;
  /** What every question has. */
  said: object;
  ask(path: string, body: object): Promise<Response>;
  patch(id: string, offset: number, bytes: Uint8Array): Promise<Response>;
  /** Uploads all of it. */
  upload(
    name: string,
    bytes: Uint8Array,
  ): Promise<{ status: number; code?: string; file: FileBlock | null; id: string }>;
  send(conversation: string, blocks: object[], type?: 'send' | 'note'): Promise<{ type: string; code?: string }>;
}

let ids = 0;
const newId = (): string => `file-test-${String(++ids).padStart(8, '0')}`;

export async function visitorUploader(house: OpenHouse, session?: string): Promise<Uploader & { session: string }> {
  const line = await openLine(house, 'socket', 'site', {
    ...visitorHello,
    ...(session === undefined ? {} : { session }),
  });
  const welcome = (await line.until(({ type }) => type === 'welcome')) as { session: string };
  const headers = { origin: SITE_ORIGIN, authorization: `Bearer ${welcome.session}`, 'sveiki-site': SITE };
  return { session: welcome.session, ...uploader(house, { line, headers, base: '/v1/files', said: { site: SITE } }) };
}

/** An agent who has taken the conversation. */
export async function agentUploader(house: OpenHouse, agent: string, conversation: string): Promise<Uploader> {
  const { cookie } = await house.signedIn(agent);
  const { agentHello } = await import('../../security/open-line.ts');
  const line = await openLine(house, 'socket', 'desk', agentHello(await house.ticket(agent)));
  await line.until(({ type }) => type === 'welcome');
  const headers = { origin: house.desk, cookie };
  return uploader(house, { line, headers, base: '/desk/api/files', said: { conversation } });
}

function uploader(house: OpenHouse, one: Pick<Uploader, 'line' | 'headers' | 'base' | 'said'>): Uploader {
  const { line, headers, base, said } = one;
  const isStaff = base.startsWith('/desk');
  const ask: Uploader['ask'] = (path, body) =>
    fetch(`${house.server.url}${base}${path === 'create' && !isStaff ? '' : `/${path}`}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const patch: Uploader['patch'] = (id, offset, bytes) =>
    fetch(`${house.server.url}${base}/${id}`, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
      body: Buffer.from(bytes),
    });
  return {
    ...one,
    ask,
    patch,
    async upload(name, bytes) {
      const created = await ask('create', { ...said, name, size: bytes.length });
      const begun = (await created.json()) as { id: string; chunkBytes: number; code?: string };
      if (!created.ok) return { status: created.status, code: begun.code ?? '', file: null, id: '' };
      for (let offset = 0; ; ) {
        const part = bytes.subarray(offset, offset + begun.chunkBytes);
        const response = await patch(begun.id, offset, part);
        const answer = (await response.json()) as { offset: number; file: FileBlock | null; code?: string };
        if (!response.ok) return { status: response.status, code: answer.code ?? '', file: null, id: begun.id };
        if (answer.file !== null) return { status: response.status, file: answer.file, id: begun.id };
        offset = answer.offset;
      }
    },
    async send(conversation, blocks, type = 'send') {
      const id = newId();
      const state = (await house.server.store.conversations([conversation])).get(conversation)?.state;
      const more = isStaff && type === 'send' ? { ownership: state?.ownership ?? 0 } : {};
      await line.send({ type, id, conversation, blocks, ...more });
      return (await line.until((frame) => 'id' in frame && frame.id === id)) as { type: string; code?: string };
    },
  };
}

export const fileBlock = (id: string): object => ({ kind: 'file', id, text: '' });
export const conversationId = newId;
