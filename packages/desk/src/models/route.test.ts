import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.ts';
import { createRoute, formatRoute, parseRoute, signInCode } from './route.ts';

describe('the address', () => {
  it('names the list and the conversation, and reads them back', () => {
    for (const route of [
      { view: 'mine', conversation: null },
      { view: 'queue', conversation: 'c-1' },
      { view: 'resolved', conversation: 'a/b ü' },
    ] as const) {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    }
  });

  it('opens the own list when it says nothing that is known', () => {
    for (const fragment of ['', '#', '#/', '#/elsewhere/x', '#queue', '#code=abc']) {
      expect(parseRoute(fragment)).toEqual({ view: 'mine', conversation: null });
    }
    expect(parseRoute('#/open/%E0%A4%A').conversation).toBe('%E0%A4%A');
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
    expect(model.route.value).toEqual({ view: 'queue', conversation: null });
  });
});
