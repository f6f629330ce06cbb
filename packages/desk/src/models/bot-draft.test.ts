import { describe, expect, it } from 'vitest';
import { conversation, logOf, refusal, watched } from '../testing/agent-double.ts';
import { testDesk } from '../testing/desk.ts';

const ada = { id: 'ada', name: 'Ada Ozola' };
const helper = { kind: 'bot', id: 'helper', name: 'Helper' } as const;
const card = { kind: 'card', text: 'Order AW-7', title: 'Order AW-7' } as const;

function proposed(owner = ada) {
  const found = testDesk({ fragment: '#/mine/c-1' });
  const [event] = logOf('c-1', [
    {
      at: 0,
      actor: helper,
      body: { kind: 'drafted', replyTo: 1, blocks: [{ kind: 'text', text: 'It is **on its way**.', tree: [] }, card] },
    },
  ]);
  found.agent.put(watched(conversation({ id: 'c-1', owner }), { events: event ? [event] : [], draft: event as never }));
  return found;
}

describe('a proposed reply', () => {
  it('is for the one who answers, and is never sent by itself', () => {
    const { desk, agent, around } = proposed();
    around.pass(60_000);
    expect(desk.botDraft.draft.value?.by).toBe('Helper (bot)');
    expect(agent.calls.filter((call) => call.startsWith('send'))).toEqual([]);
    expect(proposed({ id: 'ben', name: 'Ben Kalns' }).desk.botDraft.draft.value).toBe(null);
  });

  it('goes into the composer behind what stands there', () => {
    const { desk } = proposed();
    desk.composer.input('Hello Mia.', 10);
    desk.botDraft.use();
    expect(desk.composer.text.value).toBe('Hello Mia.\n\nIt is **on its way**.\nOrder AW-7');
    expect(desk.botDraft.draft.value).toBe(null);
  });

  it('goes out as it is, cards and all, by its source', async () => {
    const { desk, agent, around } = proposed();
    around.pass(1_000);
    await desk.botDraft.send();
    expect(agent.calls).toContain(
      `send c-1 ${JSON.stringify([{ kind: 'text', text: 'It is **on its way**.' }, card])}`,
    );
    expect(desk.botDraft.draft.value).toBe(null);
  });

  it('does not go out by a key that was pressed while it came', async () => {
    const { desk, agent } = proposed();
    await desk.botDraft.send();
    expect(agent.calls.filter((call) => call.startsWith('send'))).toEqual([]);
  });

  it('stays when it was refused, and is put away when it is not wanted', async () => {
    const { desk, agent, around } = proposed();
    around.pass(1_000);
    agent.refuse('send', refusal('not-owner', 'Ben answers this conversation now.'));
    await desk.botDraft.send();
    expect(desk.alerts.toasts.value.map(({ text }) => text)).toEqual([
      'The proposed reply was not sent. Ben answers this conversation now.',
    ]);
    expect(desk.botDraft.draft.value).not.toBe(null);
    desk.botDraft.dismiss();
    expect(desk.botDraft.draft.value).toBe(null);
  });
});
