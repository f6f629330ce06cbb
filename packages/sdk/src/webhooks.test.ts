import { describe, expect, it } from 'vitest';
import { signWebhook, verifyRouteRequest, verifyWebhook } from './webhooks.ts';

/** The vector that the libraries of the specification share. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const vector = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const at = 1_614_265_330_000;
const body = '{"type":"message.created","timestamp":"2021-02-25T15:02:10.000Z","data":{}}';

describe('webhooks', () => {
  it('are signed as the specification shows', async () => {
    const headers = await signWebhook(secret, { id: vector['webhook-id'], body: '{"test": 2432232314}', at });
    expect(headers).toEqual(vector);
  });

  it('are believed when one signature fits one of the secrets, in whatever shape the headers come', async () => {
    const headers = await signWebhook([other, secret], { id: 'c1_2', body, at });
    expect(await verifyWebhook(secret, headers, body, { now: at + 299_000 })).toEqual(JSON.parse(body));
    const mixed = new Headers({ ...headers, 'webhook-signature': `v1a,abc v1,%% ${headers['webhook-signature']}` });
    expect(await verifyWebhook(['whsec_AAAA', other], mixed, body, { now: at })).toMatchObject({
      type: 'message.created',
    });
  });

  it.each([
    ['a changed body', { body: body.replace('created', 'deleted') }, 'No signature of the webhook is right.'],
    ['another id', { headers: { 'webhook-id': 'c1_3' } }, 'No signature of the webhook is right.'],
    [
      'only signatures of other kinds',
      { headers: { 'webhook-signature': 'v1a,abc' } },
      'No signature of the webhook is right.',
    ],
    ['another secret', { secret: other }, 'No signature of the webhook is right.'],
    ['a time long ago', { now: at + 301_000 }, 'The webhook is too old, or from the future.'],
    ['a time to come', { now: at - 301_000 }, 'The webhook is too old, or from the future.'],
    ['a time that is none', { headers: { 'webhook-timestamp': 'NaN' } }, 'The webhook is too old, or from the future.'],
    ['a missing header', { headers: { 'webhook-id': undefined } }, 'The header webhook-id is missing.'],
    [
      'a secret that is none',
      { secret: 'whsec_%' },
      'The secret is not "whsec_" and base64. Copy it from the configuration of the relay.',
    ],
  ])(
    'are refused with %s',
    async (_what, changes: { body?: string; headers?: object; now?: number; secret?: string }, message) => {
      const headers = await signWebhook(secret, { id: 'c1_2', body, at });
      const all = { ...headers, ...changes.headers };
      await expect(
        verifyWebhook(changes.secret ?? secret, all, changes.body ?? body, { now: changes.now ?? at }),
      ).rejects.toThrow(message);
    },
  );

  it.each(['no json', 'null', '[]', '{"type":1}'])('are refused when what is signed is %s', async (text) => {
    const headers = await signWebhook(secret, { id: 'c1_2', body: text, at });
    await expect(verifyWebhook(secret, headers, text, { now: at })).rejects.toThrow('The body is not a webhook.');
  });
});

describe('questions of routing', () => {
  const question = '{"conversation":{"id":"c1"},"queues":[]}';

  it('are believed like webhooks', async () => {
    const headers = await signWebhook(secret, { id: 'q1', body: question, at });
    expect(await verifyRouteRequest(secret, headers, question, { now: at })).toEqual(JSON.parse(question));
    await expect(verifyRouteRequest(other, headers, question, { now: at })).rejects.toThrow('No signature');
  });

  it('are no webhooks, and webhooks are none', async () => {
    const headers = await signWebhook(secret, { id: 'q1', body: question, at });
    await expect(verifyWebhook(secret, headers, question, { now: at })).rejects.toThrow('The body is not a webhook.');
    const others = await signWebhook(secret, { id: 'q1', body, at });
    await expect(verifyRouteRequest(secret, others, body, { now: at })).rejects.toThrow(
      'The body is not a question of routing.',
    );
  });
});
