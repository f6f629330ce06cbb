import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { agentDouble } from '../testing/agent-double.ts';
import { createAttachments, fileBlocks, sizeOf } from './attachments.ts';
import type { Mode } from './drafts.ts';

const file = (name: string) => new File(['x'], name, { type: 'application/pdf' });

function attachments() {
  const agent = agentDouble();
  const conversation = signal<string | null>('conv-one');
  const mode = signal<Mode>('reply');
  const me = signal<string | null>('ada');
  return { agent, me, conversation, mode, model: createAttachments({ agent, me, conversation, mode }) };
}
const names = (model: ReturnType<typeof attachments>['model']) => model.items.value.map(({ upload }) => upload.name);

describe('files beside what is written', () => {
  it('stay with their conversation, and those of a note with the note', () => {
    const { conversation, mode, model } = attachments();
    model.add([file('offer.pdf')]);
    mode.value = 'note';
    expect(names(model)).toEqual([]);
    model.add([file('secret.pdf')]);
    conversation.value = 'conv-two';
    expect(names(model)).toEqual([]);
    conversation.value = 'conv-one';
    expect(names(model)).toEqual(['secret.pdf']);
    mode.value = 'reply';
    expect(names(model)).toEqual(['offer.pdf']);
    expect(fileBlocks(model.take())).toEqual([{ kind: 'file', id: 'file-offer.pdf', text: 'offer.pdf' }]);
    expect(model.status.value).toBe('none');
  });

  it('wait for who chose them, and are given up when somebody else signs in', () => {
    const { me, model } = attachments();
    model.add([file('offer.pdf')]);
    me.value = null;
    me.value = 'ada';
    expect(names(model)).toEqual(['offer.pdf']);
    me.value = null;
    me.value = 'ben';
    expect(names(model)).toEqual([]);
    expect(model.take()).toEqual([]);
  });

  it('are at most six, can be taken off, and are told', () => {
    const { agent, model } = attachments();
    model.add(Array.from({ length: 8 }, (_, i) => file(`${i}.pdf`)));
    expect(names(model)).toHaveLength(6);
    expect(model.news.value).toBe('At most 6 files go with one message.');
    expect(agent.calls).toContain('upload conv-one 0.pdf');
    const [first] = model.items.value;
    if (first === undefined) throw new Error('There are six.');
    model.remove(first);
    expect(names(model)).toEqual(['1.pdf', '2.pdf', '3.pdf', '4.pdf', '5.pdf']);
    expect(model.status.value).toBe('ready');
  });
});

it('writes sizes as people read them', () => {
  expect([1, 2_400, 45_000, 2_449_000, 10_000_000].map(sizeOf)).toEqual([
    '0.1 kB',
    '2.4 kB',
    '45 kB',
    '2.4 MB',
    '10 MB',
  ]);
});
