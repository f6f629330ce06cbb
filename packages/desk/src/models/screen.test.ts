import { describe, expect, it } from 'vitest';
import { testDesk } from '../testing/desk.ts';

describe('the details pane', () => {
  it('stands beside the conversation on wide screens, as the agent left it', () => {
    const { desk } = testDesk({ fragment: '#/mine/c-1' });
    expect(desk.screen.isDetailsShown.value).toBe(true);
    desk.screen.toggleDetails();
    expect([desk.screen.isDetailsShown.value, desk.settings.settings.value.details]).toEqual([false, false]);
  });

  it('lies over it on narrow ones, closed at first, and does not change what wide ones remember', () => {
    const { desk, around } = testDesk({ fragment: '#/mine/c-1' });
    around.resize(false);
    expect(desk.screen.isDetailsShown.value).toBe(false);
    desk.screen.toggleDetails();
    expect([desk.screen.isDetailsShown.value, desk.screen.focus.value]).toEqual([true, { target: 'details' }]);
    desk.screen.toggleDetails();
    expect([desk.screen.isDetailsShown.value, desk.settings.settings.value.details]).toEqual([false, true]);
  });

  it('is not there without a conversation', () => {
    expect(testDesk().desk.screen.isDetailsShown.value).toBe(false);
  });
});

describe('a wish for the keyboard', () => {
  it('is heeded once, and only the newest', () => {
    const { screen } = testDesk().desk;
    screen.focusOn('list');
    const overtaken = screen.focus.value;
    screen.focusOn('composer');
    const newest = screen.focus.value;
    expect([overtaken && screen.heed(overtaken), newest && screen.heed(newest), newest && screen.heed(newest)]).toEqual(
      [false, true, false],
    );
  });
});
