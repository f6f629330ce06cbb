import { afterEach, describe, expect, it } from 'vitest';
import { agentActor, conversation, logOf, say, watched } from '../testing/agent-double.ts';
import { byRole, drawn, nameOf, press, showDesk, type } from '../testing/screen.tsx';

const ada = { id: 'ada', name: 'Ada Ozola' };
const helper = { kind: 'bot', id: 'helper', name: 'Helper' } as const;
const lastBot = { id: 'helper', name: 'Helper', bot: true } as const;
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

function show(options: Parameters<typeof showDesk>[0] = {}) {
  last = showDesk(options);
  return last;
}

function showOffer() {
  const shown = show();
  const one = conversation({ id: 'c-1', last: { at: 0, by: 'visitor', text: 'Is it late?', publicSeq: 1 } });
  shown.agent.set({
    conversations: new Map([['c-1', one]]),
    offers: [{ conversation: one, until: shown.around.clock.now() + 20_000 }],
  });
  return shown;
}

describe('an offer', () => {
  it('stands above the list with its words, its time in words, and two named buttons', async () => {
    const { root } = showOffer();
    await drawn();
    const offer = byRole('button', 'Accept Mia').closest('.offers');
    expect(offer?.getAttribute('aria-label')).toBe('Offered to you');
    expect(offer?.textContent).toContain('Is it late?');
    expect(root.querySelector('[role=timer]')?.textContent).toBe('20 seconds left');
    expect(root.querySelector('[role=timer]')?.getAttribute('aria-live')).toBe('off');
  });

  it('is accepted by one key', async () => {
    const { agent } = showOffer();
    await drawn();
    press(document.body, 'y', { code: 'KeyY' });
    await drawn();
    expect(agent.calls).toContain('acceptOffer c-1');
  });

  it('asks for a reason by one key, and takes none', async () => {
    const { agent } = showOffer();
    await drawn();
    press(document.body, 'd', { code: 'KeyD' });
    await drawn();
    const field = byRole('textbox', 'Why (optional, your team sees it)');
    expect(document.activeElement).toBe(field);
    press(field, 'Escape');
    await drawn();
    byRole('button', 'Decline Mia').click();
    await drawn();
    type(byRole('textbox', 'Why (optional, your team sees it)'), 'At lunch');
    byRole('button', 'Decline Mia').click();
    await drawn();
    expect(agent.calls.filter((call) => call.startsWith('decline'))).toEqual([
      'declineOffer c-1 {"reason":"At lunch"}',
    ]);
  });

  it('is on screen too where the list is not', async () => {
    const { root, around, desk } = showOffer();
    around.resize('narrow');
    desk.routing.go({ conversation: 'c-1' });
    await drawn();
    expect(root.querySelectorAll('.offers.bar .offer')).toHaveLength(1);
    expect(root.querySelectorAll('.lists .offer')).toHaveLength(0);
  });
});

describe('a conversation that a bot had', () => {
  it('stands in the lists as a bot’s', async () => {
    const { agent } = show({ fragment: '#/open' });
    agent.set({ conversations: new Map([['c-1', conversation({ id: 'c-1', owner: lastBot })]]) });
    await drawn();
    expect(nameOf(document.getElementById('row-c-1') ?? document.body)).toContain('Helper (bot)');
  });

  it.each(['transfer', 'return'] as const)(
    'has a name that turns no word beside it where it can be chosen: %s',
    async (overlay) => {
      const { agent, desk } = show({ fragment: '#/mine/c-1' });
      const bot = { ...lastBot, name: '\u202eHelper' };
      agent.put(watched(conversation({ id: 'c-1', owner: ada, lastBot: bot })));
      await drawn();
      desk.screen.open(overlay);
      await drawn();
      expect(document.querySelector('dialog')?.textContent).toContain('Helper (bot)');
      expect(document.querySelector('dialog')?.textContent).not.toContain('\u202e');
    },
  );

  it('shows what was handed over before the first word, and why it came', async () => {
    const { agent, root } = show({ fragment: '#/mine/c-1' });
    const events = logOf('c-1', [
      {
        at: 0,
        actor: helper,
        body: {
          kind: 'handoff-requested',
          handoff: 'h',
          by: 'bot',
          details: { reason: 'Two answers did not help', collected: { order: 'AW-7' } },
        },
      },
      {
        at: 1,
        actor: { kind: 'system' },
        body: { kind: 'assigned', owner: ada, team: null, how: 'routed', reason: 'longest idle' },
      },
    ]);
    const handoff = { id: 'h', by: 'bot', at: 0, state: 'accepted' } as const;
    agent.put(watched(conversation({ id: 'c-1', owner: ada, handoff, lastBot }), { events }));
    await drawn();
    const card = root.querySelector('.handoff');
    expect(card?.textContent).toContain('Helper (bot) asks for a person');
    expect(card?.textContent).toContain('Two answers did not help');
    expect(card?.textContent).toContain('AW-7');
    expect(root.querySelector('.why-how')?.textContent).toBe('Given to you: longest idle');
    byRole('button', 'Hide').click();
    await drawn();
    expect(root.querySelector('.handoff-facts')).toBe(null);
  });

  it('goes back to it by a dialog', async () => {
    const { agent, desk } = show({ fragment: '#/mine/c-1' });
    agent.put(watched(conversation({ id: 'c-1', owner: ada, lastBot })));
    await drawn();
    press(document.body, 'b', { code: 'KeyB' });
    await drawn();
    byRole('button', 'Return to the bot').click();
    await drawn();
    expect(agent.calls).toContain('returnToBot c-1 {"bot":"helper"}');
    expect(desk.screen.overlay.value).toBe(null);
  });

  it('shows a reply while it is made, and cards and choices as the visitor has them', async () => {
    const { agent, root } = show({ fragment: '#/open/c-1' });
    const events = logOf('c-1', [
      {
        at: 0,
        actor: helper,
        body: {
          kind: 'message',
          blocks: [
            { kind: 'quick-replies', text: 'Which one?', replies: [{ text: 'The lamp' }, { text: 'The rug' }] },
            {
              kind: 'card',
              text: 'Order AW-7: sent',
              title: 'Order AW-7',
              facts: [{ label: 'State', value: 'sent' }],
              actions: [{ kind: 'link', label: 'Track it', href: 'https://shop.example/t/7' }],
            },
          ],
        },
      },
    ]);
    const streaming = { message: 'm-2', who: lastBot, text: 'Let me look' };
    agent.put(watched(conversation({ id: 'c-1', owner: lastBot }), { events, streaming }));
    await drawn();
    expect(root.querySelector('.streaming')?.textContent).toContain('Helper (bot) is writing');
    expect(root.querySelector('.streaming .bubble')?.textContent).toBe('Let me look');
    expect([...root.querySelectorAll('.choices')].map(({ textContent }) => textContent)).toEqual([
      'The lampThe rug',
      'Track it',
    ]);
    expect(byRole('link', 'Track it').getAttribute('rel')).toBe('noopener noreferrer nofollow');
  });
});

describe('a proposed reply', () => {
  it('stands above the composer and is used by one key', async () => {
    const { agent, desk } = show({ fragment: '#/mine/c-1' });
    const [said, draft] = logOf('c-1', [
      { at: 0, actor: agentActor(), body: say('Hello') },
      { at: 0, actor: helper, body: { kind: 'drafted', replyTo: 1, blocks: [{ kind: 'text', text: 'Yes, today.' }] } },
    ]);
    if (!said || !draft) throw new Error('The log has two lines.');
    agent.put(watched(conversation({ id: 'c-1', owner: ada }), { events: [said, draft], draft: draft as never }));
    await drawn();
    expect(byRole('button', 'Send as it is').closest('section')?.getAttribute('aria-label')).toBe('Proposed reply');
    press(document.body, 'u', { code: 'KeyU' });
    await drawn();
    expect(desk.composer.text.value).toBe('Yes, today.');
    expect(document.activeElement?.id).toBe('composer-text');
    expect(document.querySelector('.bot-draft')).toBe(null);
  });
});
