import { simulate } from '@sveiki/server/simulate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quietDay, strict } from './day.ts';
import { type Service, startService } from './service.ts';
import config from './sveiki.config.ts';

describe('the service at work', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  it('gives a Latvian with an invoice to the one who knows both', async () => {
    expect(await service.visitor('lv', 'Labdien, man ir jautājums par rēķinu.')).toEqual({
      owner: 'Ada',
      routed: 'Asks about an invoice',
      assigned: 'skill match (invoices 4, language:lv 5), 0 of 2 busy',
    });
  });

  it('gives a German with a bicycle to the mechanic who speaks German', async () => {
    expect(await service.visitor('de-AT', 'Mein Fahrrad bremst nicht mehr.')).toMatchObject({
      owner: 'Ben',
      routed: 'Asks about a bicycle',
    });
  });

  it('leaves what no rule knows to the team of the site', async () => {
    expect(await service.visitor('en', 'Do you repair coffee machines?')).toMatchObject({ routed: 'No rule holds' });
  });
});

/** What a change would do is a unit test: no relay, no clock, no waiting. */
describe('the same hour with and without relaxation', () => {
  it('keeps those whose language nobody speaks from giving up, and the others wait no longer', async () => {
    const [relaxed] = (await simulate(config, quietDay(), { seed: 1 })).variants;
    const [kept] = (await simulate(strict, quietDay(), { seed: 1 })).variants;
    expect(relaxed).toMatchObject({ queued: 6, answered: 6, abandoned: 0, waits: { p50Ms: 0, maxMs: 120_000 } });
    expect(kept).toMatchObject({ queued: 6, answered: 4, abandoned: 2, waits: { maxMs: 0 } });
    expect(relaxed?.decidedBy).toEqual({ rule: 6, hook: 0, fallback: 0, default: 0 });
  });

  it('puts ways to serve it side by side', async () => {
    const compare = [
      { name: 'as it is', team: {} },
      { name: 'whoever is free', team: { language: 'ignored' as const } },
    ];
    const { variants } = await simulate(config, quietDay(), { seed: 1, compare });
    expect(variants.map(({ name, waits }) => [name, waits.maxMs])).toEqual([
      ['as it is', 120_000],
      ['whoever is free', 0],
    ]);
  });
});
