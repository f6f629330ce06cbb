import { createPanel } from './panel.tsx';
import type { Host, Panel, Texts } from './types.ts';

/** The panel of a host element, with a chat of its own. What needs the relay comes when the panel stands: nobody waits for it to type. */
export const mount = (host: Host, texts: Texts): Panel =>
  createPanel(host, texts, async (model) => {
    const { createChat, startTalk } = await import('../talk/start.ts');
    const chat = createChat({
      site: host.getAttribute('site') ?? '',
      server: host.getAttribute('server') ?? new URL(import.meta.url).origin,
      locale: model._tag.value,
      storage: host.getAttribute('storage') === 'memory' ? 'memory' : 'local',
      client: 'widget/0.1.0',
    });
    return startTalk(host, model, chat);
  });
