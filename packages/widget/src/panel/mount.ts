import { askSite, consentStore } from '../consent/asked.ts';
import { createPanel } from './panel.tsx';
import type { Host, Panel, Texts } from './types.ts';

/** The panel of a host element, with a chat of its own. What needs the relay comes when the panel stands: nobody waits for it to type. */
export const mount = (host: Host, texts: Texts): Panel =>
  createPanel(host, texts, async (model) => {
    const site = host.getAttribute('site') ?? '';
    const server = host.getAttribute('server') ?? new URL(import.meta.url).origin;
    const storage = host.getAttribute('storage') === 'memory' ? 'memory' : 'local';
    const ask = async (cache: RequestCache = 'default') => {
      try {
        const { consent, paused, signed } = await askSite(server, site, cache);
        model._heard = signed;
        // A line knows better.
        if (!model._state.peek().site) model._isPaused.value = paused === true;
        model._isSilent.value = false;
        return consent;
      } catch (error) {
        model._isSilent.value = true;
        throw error;
      }
    };
    // Fetched with the rest: when it is needed, it cannot be.
    model._ladder ??= import('../ladder/ladder.tsx').then(
      ({ startLadder }) => {
        const sources = { site, server, copy: host.getAttribute('config'), keys: host.getAttribute('key') };
        return startLadder(host, model, sources, ask);
      },
      () => {
        model._ladder = undefined;
        return undefined;
      },
    );
    const [{ createChat, startTalk }, asked] = await Promise.all([
      import('../talk/start.ts'),
      ask().catch(async (error) => {
        const ladder = await model._ladder;
        const known = await ladder?._find();
        if (known) return known.consent;
        // Whoever was here before was asked then; offline he reads and writes all the same, and the relay has the last word.
        if (!host._hasHistory()) throw error;
        return null;
      }),
    ]);
    const store = consentStore(site, storage === 'local');
    const gate = asked && (await import('../consent/gate.tsx')).createGate(asked, store, () => ask('no-cache'));
    const chat = createChat({
      site,
      server,
      locale: model._tag.value,
      storage,
      client: 'widget/0.1.0',
      // From the disk each time: another tab, whose messages go out from here, may have been told just now.
      consent: store._read,
    });
    return startTalk(host, model, gate ? gate._guard(chat) : chat, gate?._start);
  });
