import { describe, expect, it } from 'vitest';
import { conversation, refusal } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';

const ben = { id: 'ben', name: 'Ben Kalns' };
const routing = {
  team: null,
  priority: 0,
  skills: [],
  relax: [],
  sticky: null,
  by: 'default',
  reason: 'ring all',
} as const;

function offered() {
  const found = testDesk();
  const { agent, around } = found;
  const until = around.clock.now() + 30_000;
  const one = conversation({
    id: 'c-1',
    locale: 'lv',
    routing: { ...routing, skills: [], relax: [] },
    last: { at: 0, by: 'visitor', text: '**Labdien**, kur ir mana sūtīja?', publicSeq: 1 },
  });
  agent.set({ offers: [{ conversation: one, until }], conversations: new Map([['c-1', one]]) });
  agent.emit('offered', { conversation: one, until });
  const end = (part: Partial<typeof one> = {}) => {
    const next = { ...one, ...part };
    agent.set({ offers: [], conversations: new Map([['c-1', next]]) });
    agent.emit('offer-ended', next);
  };
  const toasts = () => found.desk.alerts.toasts.value.map(({ text }) => text);
  return { ...found, one, end, toasts };
}

describe('an offer', () => {
  it('shows the first words, why it came and how long it stands, and counts down by itself', () => {
    const { desk, around } = offered();
    expect(desk.offers.rows.value).toEqual([
      {
        id: 'c-1',
        visitor: 'mia',
        name: 'Mia',
        isNamed: true,
        words: 'Labdien, kur ir mana sūtīja?',
        team: 'Sales',
        language: 'LV',
        reason: 'ring all',
        handoff: null,
        seconds: 30,
        isHurry: false,
      },
    ]);
    around.pass(21_000);
    expect(desk.offers.rows.value).toMatchObject([{ seconds: 9, isHurry: true }]);
    around.pass(60_000);
    expect(desk.offers.rows.value).toMatchObject([{ seconds: 0 }]);
  });

  it('is heard once: a tone, and one sentence for screen readers', () => {
    const { desk, around } = offered();
    around.pass(300);
    expect([around.tones, desk.alerts.said.value.map(({ text }) => text)]).toEqual([
      1,
      ['Mia is offered to you. You have 30 seconds.'],
    ]);
    around.pass(20_000);
    expect([around.tones, desk.alerts.said.value]).toEqual([1, []]);
  });

  it('is accepted, opened and ready to be answered', async () => {
    const { desk, agent, around, end, toasts } = offered();
    const accepting = desk.offers.accept('c-1');
    end({ owner: { id: 'ada', name: 'Ada Ozola' } });
    await accepting;
    expect(agent.calls).toContain('acceptOffer c-1');
    expect([around.fragment, desk.composer.mode.value, toasts()]).toEqual(['#/mine/c-1', 'reply', []]);
  });

  it('is declined with or without a reason, silently', async () => {
    const { desk, agent, end, toasts } = offered();
    desk.offers.askWhy('c-1');
    const declining = desk.offers.decline('c-1', ' I am at lunch ');
    end({ passedBy: ['ada'] });
    await declining;
    await desk.offers.decline('c-1', '');
    expect(agent.calls.filter((call) => call.startsWith('decline'))).toEqual([
      'declineOffer c-1 {"reason":"I am at lunch"}',
      'declineOffer c-1 {}',
    ]);
    expect([desk.offers.declining.value, toasts()]).toEqual([null, []]);
  });

  it('says in words how it ended for somebody who did nothing', () => {
    const ends = [
      [{ owner: ben }, 'Ben Kalns accepted Mia before you.'],
      [{ passedBy: ['ada'] }, 'The offer of Mia ran out. It goes to a colleague.'],
      [{}, 'Mia is not offered to you any longer.'],
      [{ status: 'resolved' }, 'The conversation with Mia was resolved before you could accept it.'],
    ] as const;
    for (const [part, words] of ends) {
      const { end, toasts } = offered();
      end({ ...part, ...('passedBy' in part ? { passedBy: [...part.passedBy] } : {}) } as never);
      expect(toasts()).toEqual([words]);
    }
  });

  it('tells what the relay says when somebody was faster, and leaves one where one was', async () => {
    const { desk, agent, around, toasts } = offered();
    agent.refuse('acceptOffer', refusal('already-taken', 'Ben took this conversation a moment ago.'));
    await desk.offers.accept('c-1');
    await settled();
    expect([toasts(), around.fragment]).toEqual([['Ben took this conversation a moment ago.'], '']);
  });
});
