import type { EventBody } from '@sveiki/protocol';
import type { HookEvent } from '@sveiki/sdk/config';
import { verifyWebhook } from '@sveiki/sdk/webhooks';
import { describe, expect, it } from 'vitest';
import { numberDrafts } from '../domain/log.ts';
import type { Outbound, OutboundPost } from '../hooks/outbound.ts';
import { type LogHook, TellLater } from '../hooks/outbox.ts';
import { silentLog } from '../log.ts';
import { isWebhookName, wants, webhookType } from './payload.ts';
import { webhookFollowers } from './webhooks.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const context = { signal: new AbortController().signal, now: () => 1_700_000_000_000 };

function told(body: EventBody): HookEvent {
  const { events, state } = numberDrafts(
    null,
    [
      {
        kind: 'started',
        channel: 'chat',
        team: null,
        visitor: { id: 'mia', name: 'Mia' },
        locale: 'lv',
        visit: null,
      } as const satisfies EventBody,
      body,
    ].map((one) => ({ actor: { kind: 'visitor', id: 'mia' }, audience: 'public', body: one })),
    { conversation: 'conversation-1', author: 'v:mia', id: 'message-1', at: 1_700_000_000_000 },
  );
  const { author: _, ...event } = events[1]!;
  return { id: 'conversation-1_2', site: 'pk_shop_test', event, conversation: state, attempt: 1 };
}
const message: EventBody = {
  kind: 'message',
  blocks: [
    {
      kind: 'text',
      text: '*Sveiki*',
      tree: [{ kind: 'paragraph', children: [{ kind: 'emphasis', children: ['Sveiki'] }] }],
    },
  ],
};

function endpoint(events: string[] | null = null, answer: { status: number; retryAfterMs?: number } = { status: 200 }) {
  const posts: OutboundPost[] = [];
  const outbound: Outbound = {
    post: async (one) => {
      posts.push(one);
      return { status: answer.status, retryAfterMs: answer.retryAfterMs ?? null, text: '' };
    },
  };
  const [hook] = webhookFollowers([{ url: 'https://crm.example/hooks/s3cret', secrets: [secret], events }], {
    outbound,
    log: silentLog,
  });
  return { hook: hook as LogHook, posts, answer };
}

describe('a webhook', () => {
  it('is posted signed, with what staff sees, and believed by the SDK', async () => {
    const { hook, posts } = endpoint();
    await hook.run(told(message), context);
    const [post] = posts as [OutboundPost];
    const seen = await verifyWebhook(secret, post.headers, post.body, { now: context.now() });
    expect(post.headers['webhook-id']).toBe('conversation-1_2');
    expect(seen).toMatchObject({
      type: 'message.created',
      timestamp: '2023-11-14T22:13:20.000Z',
      data: {
        site: 'pk_shop_test',
        conversation: { id: 'conversation-1', visitor: { name: 'Mia' }, status: 'open' },
        event: { seq: 2, body: { kind: 'message', blocks: [{ kind: 'text', text: '*Sveiki*' }] } },
      },
    });
    expect(post.body).not.toContain('tree');
    expect(post.body).not.toContain('author');
  });

  it('is posted only for what was asked for', async () => {
    const { hook, posts } = endpoint(['conversation.*', 'handoff.requested']);
    await hook.run(told(message), context);
    await hook.run(told({ kind: 'queued', team: null, why: 'handoff' }), context);
    await hook.run(told({ kind: 'handoff-requested', handoff: 'h', by: 'bot' }), context);
    await hook.run(told({ kind: 'handoff-failed', handoff: 'h', why: 'no-agents' }), context);
    expect(posts.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'conversation.queued',
      'handoff.requested',
    ]);
  });

  it('waits as long as a busy receiver says, at most a day, and else as the specification says', async () => {
    const { hook, answer } = endpoint();
    answer.status = 429;
    answer.retryAfterMs = 90_000;
    const failed = async () => Promise.resolve(hook.run(told(message), context)).catch((error: unknown) => error);
    expect(await failed()).toMatchObject({ name: 'TellLater', afterMs: 90_000 });
    answer.retryAfterMs = 10 ** 12;
    expect(await failed()).toMatchObject({ afterMs: 86_400_000 });
    answer.status = 500;
    const error = await failed();
    expect(error).not.toBeInstanceOf(TellLater);
    expect(String(error)).toMatch(/crm\.example [0-9a-f]{8} answered 500\.$/);
    expect(String(error)).not.toContain('s3cret');
    expect(hook.retryMs.map((ms) => ms / 1_000)).toEqual([
      5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
  });

  it('is posted nothing more after a 410', async () => {
    const { hook, posts, answer } = endpoint();
    answer.status = 410;
    await hook.run(told(message), context);
    answer.status = 200;
    await hook.run(told(message), context);
    expect(posts).toHaveLength(1);
  });

  it('is never posted for answers that are not final', () => {
    const answered = { kind: 'answered', ask: 'a', form: 'f', answers: {}, final: false } as const;
    expect(webhookType(answered)).toBe(null);
    expect(webhookType({ ...answered, final: true })).toBe('form.submitted');
    expect(webhookType({ ...answered, final: true, survey: { id: 's', kind: 'csat' } })).toBe('survey.answered');
  });

  it('is chosen by a name, by the beginning of one, or by everything', () => {
    expect(wants(null, 'note.created')).toBe(true);
    expect(wants(['*'], 'note.created')).toBe(true);
    expect(wants(['note.*'], 'note.created')).toBe(true);
    expect(wants(['note'], 'note.created')).toBe(false);
    expect(wants(['not.*'], 'note.created')).toBe(false);
    expect(['message.created', 'conversation.*', '*', 'offer.missed'].every(isWebhookName)).toBe(true);
    expect(['message', 'messages.*', 'conversation.merged', ''].some(isWebhookName)).toBe(false);
  });
});
