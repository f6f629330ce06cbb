import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { createRoute, formatRoute, parseRoute, signInCode } from './route.ts';

describe('the address', () => {
  it('names the list and the conversation, and reads them back', () => {
    const inbox = { page: 'inbox', detail: '' } as const;
    for (const route of [
      { view: 'mine', conversation: null },
      { view: 'queue', conversation: 'c-1' },
      { view: 'resolved', conversation: 'a/b ü' },
    ] as const) {
      expect(parseRoute(formatRoute(route))).toEqual({ ...inbox, ...route });
    }
  });

  it('opens the own list when it says nothing that is known', () => {
    for (const fragment of ['', '#', '#/', '#/elsewhere/x', '#queue', '#code=abc']) {
      expect(parseRoute(fragment)).toMatchObject({ page: 'inbox', view: 'mine', conversation: null });
    }
    expect(parseRoute('#/open/%E0%A4%A').conversation).toBe('%E0%A4%A');
  });

  it('names a page and what it shows, and leads from there to a list and back', () => {
    expect(parseRoute('#/surveys/csat?score=5')).toMatchObject({ page: 'surveys', detail: 'csat?score=5' });
    expect(parseRoute('#/team')).toMatchObject({ page: 'team', detail: '', conversation: null });
    expect(parseRoute('#/inbox')).toMatchObject({ page: 'inbox', view: 'mine' });
    const around = fakeSurroundings({ fragment: '#/queue/c-1' });
    const { go, route } = createRoute(around.address);
    go({ page: 'replies', detail: 'new' });
    expect([around.fragment, route.value.conversation]).toEqual(['#/replies/new', null]);
    go({ detail: '' });
    expect(around.fragment).toBe('#/replies');
    go({ conversation: 'c-2' });
    expect(around.fragment).toBe('#/queue/c-2');
    go({ page: 'team' });
    go({ view: 'open' });
    expect(around.fragment).toBe('#/open');
  });

  it('finds the code of a sign-in link and nothing else', () => {
    expect(signInCode('#code=a-B_9')).toBe('a-B_9');
    expect(signInCode('#/queue/code=x')).toBe(null);
    expect(signInCode('#code=')).toBe(null);
  });

  it('follows the back button', () => {
    const around = fakeSurroundings();
    const model = createRoute(around.address);
    model.go({ view: 'queue' });
    model.go({ conversation: 'c-1' });
    expect(around.fragment).toBe('#/queue/c-1');
    around.goBack();
    expect(model.route.value).toMatchObject({ page: 'inbox', view: 'queue', conversation: null });
  });
});
