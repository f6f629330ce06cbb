import { describe, expect, it } from 'vitest';
import { conversation } from '../testing/agent-double.ts';
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
    around.resize('middle');
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
  it('leaves the conversation where only one pane is there, and comes back to its row', () => {
    const { desk, agent, around } = testDesk({ fragment: '#/queue/c-2' });
    const rows = ['c-1', 'c-2'].map((id, index) => conversation({ id, queuedAt: index + 1 }));
    agent.set({ conversations: new Map(rows.map((row) => [row.id, row])) });
    desk.screen.focusOn('list');
    expect(around.fragment).toBe('#/queue/c-2');
    around.resize('narrow');
    desk.screen.focusOn('list');
    expect([around.fragment, desk.inbox.active.value]).toEqual(['#/queue', 'c-2']);
  });

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
