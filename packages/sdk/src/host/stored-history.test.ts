import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Surroundings } from '../connection/surroundings.ts';
import { fakeBrowser } from '../testing/fake-browser.ts';
import { pair } from '../testing/pair.ts';
import { createChatIn } from './create-chat.ts';
import { storedHistory } from './stored-history.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('storedHistory', () => {
  it('knows what a chat of this page left, as the chat itself does', async () => {
    const { clock, network, server, destroy } = await pair();
    const tab = fakeBrowser().newTab();
    vi.stubGlobal('localStorage', tab.localStorage);
    const chat = createChatIn(tab as Surroundings, {
      site: server.site,
      server: server.url,
      clock,
      WebSocket: network.WebSocket,
      transport: 'websocket',
    });
    expect([storedHistory(server.site), chat.hasHistory()]).toEqual([false, false]);
    network.mode = 'refused';
    void chat.send('Hello');
    expect([storedHistory(server.site), chat.hasHistory()]).toEqual([true, true]);
    expect(storedHistory('pk_other')).toBe(false);
    await chat.logout();
    expect(storedHistory(server.site)).toBe(false);
    await chat.destroy();
    await destroy();
  });

  it('knows of nothing where a page may not have storage', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(storedHistory('pk_shop_test')).toBe(false);
  });
});
