import type { FormDefinition } from '@sveiki/sdk';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stage, stage } from '../testing/stage.ts';

let scene: Stage;
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const setUp = async (options?: Parameters<typeof stage>[1]) => {
  scene = await stage(advance, options);
  return scene;
};

const about: FormDefinition = {
  id: 'about',
  purpose: 'pre-chat',
  title: 'Before we begin',
  fields: [
    { id: 'name', kind: 'name', label: 'Name', prefill: 'visitor.name' },
    {
      id: 'topic',
      kind: 'select',
      label: 'Topic',
      required: true,
      options: [
        { value: 'order', label: 'An order' },
        { value: 'other', label: 'Something else' },
      ],
    },
    {
      id: 'order',
      kind: 'text',
      label: 'Order',
      pattern: 'AW-####',
      when: { field: 'topic', op: 'is', value: 'order' },
    },
  ],
};
const leave: FormDefinition = {
  id: 'leave',
  purpose: 'offline',
  fields: [
    { id: 'email', kind: 'email', label: 'E-mail', required: true },
    { id: 'text', kind: 'textarea', label: 'Your message' },
  ],
};
const csat: FormDefinition = {
  id: 'csat',
  purpose: 'post-chat',
  title: 'How did we do?',
  fields: [
    { id: 'score', kind: 'rating', scale: 'csat', label: 'Our help', required: true },
    { id: 'comment', kind: 'textarea', label: 'Why?' },
  ],
};
const details: FormDefinition = {
  id: 'details',
  purpose: 'in-chat',
  fields: [
    {
      id: 'why',
      kind: 'radio',
      label: 'Why?',
      required: true,
      options: [
        { value: 'size', label: 'Wrong size' },
        { value: 'bad', label: 'Damaged' },
      ],
    },
    { id: 'day', kind: 'date', label: 'When?', when: { field: 'why', op: 'is', value: 'bad' }, required: true },
    { id: 'ok', kind: 'consent', label: 'I agree', required: true },
  ],
  thanks: 'Noted: {{answer.why}}.',
};
const server = { surveys: [{ id: 'csat', kind: 'csat' as const, form: csat }], forms: [details] };

const texts = (selector: string) => scene.findAll(selector).map(({ textContent }) => textContent);
const fill = async (selector: string, value: string) => {
  const field = scene.find<HTMLInputElement>(selector)!;
  field.value = value;
  field.dispatchEvent(new Event(field.localName === 'select' ? 'change' : 'input', { bubbles: true }));
  await scene.wait();
};
const press = async (selector: string, index = 0) => {
  // With a count, as a pointer gives it.
  scene
    .findAll(selector)
    [index]!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true, detail: 1 }));
  await scene.wait();
};
const send = async (selector: string) => {
  scene.find<HTMLFormElement>(selector)!.requestSubmit();
  await scene.wait();
};
const write = async (text: string) => {
  await fill('.composer textarea', text);
  await send('.composer');
};
const there = (selector: string) =>
  vi.waitFor(
    async () => {
      await scene.wait(100);
      expect(scene.find(selector)).not.toBeNull();
    },
    { timeout: 20_000 },
  );
const bodies = <K extends string>(kind: K) =>
  scene.server
    .log(scene.conversation(), 'agent')
    .events.map(({ body }) => body)
    .filter((body) => body.kind === kind) as unknown as Record<string, unknown>[];
const focused = () => scene.host._root.activeElement as HTMLElement | null;

/** Mia has written, Ada has it. */
const meet = async (options?: Parameters<typeof stage>[1]) => {
  await setUp({ server, ...options });
  scene.panel.open();
  await scene.wait();
  await write('Where is my parcel?');
  const ada = scene.server.agent('ada');
  ada.take(scene.conversation());
  await scene.wait();
  return ada;
};

beforeAll(async () => {
  await import('./questions.tsx');
});
beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.UTC(2026, 10, 23, 9),
  });
});
afterEach(async () => {
  await scene.strike();
  vi.useRealTimers();
});

describe('the form before the first message', () => {
  const begin = async (siteInfo: object = { preChat: about }, more?: Parameters<typeof stage>[1]) => {
    await setUp({ server: { siteInfo }, ...more });
    scene.panel.open();
    await scene.wait();
    await there('.before form');
    await scene.wait();
  };

  it('leaves the focus where somebody may be typing, and says once that it is there', async () => {
    await begin();
    expect(focused()).toBe(scene.find('.composer textarea'));
    await scene.wait(1_500);
    expect(scene.spoken.filter((line) => line.startsWith('Before we begin'))).toHaveLength(1);
  });

  it('goes out with the first message, in one step', async () => {
    await begin();
    await fill('.before select', 'order');
    await fill('[id$=-order]', ' AW-1042 ');
    await write('Where is it?');
    expect(bodies('answered')).toMatchObject([
      { ask: 'pre-chat', form: 'about', answers: { topic: 'order', order: 'AW-1042' }, final: true },
    ]);
    expect(scene.server.transcript(scene.conversation())).toEqual([{ by: 'visitor', text: 'Where is it?' }]);
    expect(scene.find('.before')).toBeNull();
    expect(localStorage.getItem(`sveiki:${scene.server.site}:form:about`)).toBeNull();
  });

  it('keeps the message back while something is missing, and leads to it', async () => {
    await begin();
    await write('Where is it?');
    expect([...scene.server.conversations.keys()]).toEqual([]);
    expect(scene.find<HTMLTextAreaElement>('.composer textarea')!.value).toBe('Where is it?');
    const field = focused()!;
    expect(field.localName).toBe('select');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(scene.host._root.getElementById(field.getAttribute('aria-describedby')!)?.textContent).toBe(
      'This is needed.',
    );
    await fill('.before select', 'other');
    expect(texts('.before .failed')).toEqual([]);
  });

  it('shows what the answers so far ask for', async () => {
    await begin();
    expect(scene.find('[id$=-order]')).toBeNull();
    await fill('.before select', 'order');
    expect(scene.find('[id$=-order]')).not.toBeNull();
    await fill('.before select', 'other');
    expect(scene.find('[id$=-order]')).toBeNull();
  });

  it('asks for the message when only that is missing', async () => {
    await begin();
    await fill('.before select', 'other');
    await send('.before form');
    expect(texts('.before [role=alert]')).toEqual(['Write your message below.']);
    expect(focused()).toBe(scene.find('.composer textarea'));
  });

  it('is as it was after closing, and after a reload', async () => {
    await begin();
    await fill('.before select', 'order');
    await fill('[id$=-order]', 'AW-1');
    scene.panel.close();
    scene.panel.open();
    await scene.wait();
    expect(scene.find<HTMLInputElement>('[id$=-order]')!.value).toBe('AW-1');
    await scene.strike();
    await begin();
    expect(scene.find<HTMLSelectElement>('.before select')!.value).toBe('order');
    expect(scene.find<HTMLInputElement>('[id$=-order]')!.value).toBe('AW-1');
  });

  it('leaves nothing on a disk that the site does not want used', async () => {
    await begin({ preChat: about }, { attributes: { storage: 'memory' } });
    await fill('.before select', 'order');
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it('is another one while nobody is there, whose message is the first message', async () => {
    await begin({ preChat: about, offline: leave, availability: 'closed', opensAt: Date.UTC(2026, 10, 24, 7) });
    expect(texts('.before label')).toEqual(['E-mail', 'Your message (optional)']);
    expect(texts('.before .help')).toEqual(['Fill this in, write your message below, and send both together.']);
    await fill('.before input', 'mia@example.com');
    await fill('.before textarea', 'Call me about the scarf.');
    await press('.before .main');
    expect(bodies('answered')).toMatchObject([{ ask: 'offline', answers: { email: 'mia@example.com' } }]);
    expect(scene.server.transcript(scene.conversation())).toEqual([
      { by: 'visitor', text: 'Call me about the scarf.' },
    ]);
  });

  it('stays the same one once it was begun, though meanwhile everybody left', async () => {
    await begin({ preChat: about, offline: leave });
    await fill('.before select', 'other');
    scene.server.changeSite({ availability: 'away' });
    await scene.wait();
    expect(scene.find('.before select')).not.toBeNull();
  });

  it('does not come up in a conversation that runs', async () => {
    await meet({ server: { ...server, siteInfo: { preChat: undefined } } as never });
    scene.server.changeSite({ preChat: about });
    await scene.wait();
    await write('And my hat?');
    expect(scene.find('.before')).toBeNull();
    expect(scene.server.transcript(scene.conversation())).toHaveLength(2);
  });
});

describe('a survey', () => {
  const ask = async () => {
    const ada = await meet();
    const id = ada.ask(scene.conversation(), 'csat');
    await scene.wait();
    await there('.asked form');
    return { ada, id };
  };

  it('is a group of radio buttons with full names, heard of once, and takes no focus', async () => {
    const field = await ask().then(() => scene.find('.composer textarea'));
    expect(scene.findAll('.point input').map((point) => point.getAttribute('aria-label'))).toEqual([
      '1 of 5, Very bad',
      '2 of 5, Bad',
      '3 of 5, Neither good nor bad',
      '4 of 5, Good',
      '5 of 5, Very good',
    ]);
    expect(scene.find('[role=radiogroup] legend')?.textContent).toBe('Our help');
    expect(focused()).toBe(field);
    await scene.wait(1_500);
    expect(scene.spoken.filter((line) => line === 'There is a question for you')).toHaveLength(1);
  });

  it('keeps a tap at once, then takes a comment', async () => {
    await ask();
    expect(texts('.asked label')).not.toContain('Why? (optional)');
    await press('.point input', 3);
    await scene.wait(1_000);
    expect(bodies('answered')).toMatchObject([{ answers: { score: 4 }, final: false }]);
    await fill('.asked textarea', 'Quick and kind.');
    await send('.asked form');
    expect(bodies('answered').at(-1)).toMatchObject({ answers: { score: 4, comment: 'Quick and kind.' }, final: true });
    expect(texts('.asked p')).toEqual(['Thank you for your answer. 4 of 5, Good.']);
    // A comment closes it for good.
    expect(texts('.asked button')).toEqual([]);
  });

  it('waits for arrow keys to rest before it tells the relay', async () => {
    await ask();
    for (const point of [0, 1, 2]) {
      const input = scene.findAll('.point input')[point] as HTMLInputElement;
      input.checked = true;
      input.dispatchEvent(new Event('change', { bubbles: true }));
      await scene.wait(100);
    }
    expect(bodies('answered')).toEqual([]);
    await scene.wait(1_000);
    expect(bodies('answered')).toMatchObject([{ answers: { score: 3 }, final: false }]);
  });

  it('may be answered otherwise while nothing was written', async () => {
    await ask();
    await press('.point input', 1);
    await send('.asked form');
    expect(texts('.asked button')).toEqual(['Change answer']);
    await press('.asked button');
    await press('.point input', 4);
    await send('.asked form');
    expect(bodies('answered').at(-1)).toMatchObject({ answers: { score: 5 }, final: true });
    expect(texts('.asked p')).toEqual(['Thank you for your answer. 5 of 5, Very good.']);
  });

  it('says when it is too late, and keeps quiet then', async () => {
    await ask();
    await press('.point input', 1);
    await send('.asked form');
    await press('.asked button');
    scene.server.refuse('too-late');
    await press('.point input', 4);
    await send('.asked form');
    expect(texts('.asked p')).toEqual(['Thank you for your answer. 2 of 5, Bad. This question is closed.']);
    expect(texts('.asked button')).toEqual([]);
  });

  it('can be put aside and taken up again', async () => {
    await ask();
    await press('.buttons button');
    expect(scene.find('.asked form')).toBeNull();
    expect(texts('.asked p')).toEqual(['How did we do?']);
    await press('.asked button');
    expect(scene.find('.asked form')).not.toBeNull();
  });

  it('works after the conversation is resolved', async () => {
    const { ada } = await ask();
    ada.resolve(scene.conversation());
    await scene.wait();
    await press('.point input', 2);
    await send('.asked form');
    expect(bodies('answered').at(-1)).toMatchObject({ answers: { score: 3 }, final: true });
    expect(scene.server.log(scene.conversation(), 'agent').state?.status).toBe('resolved');
  });

  it('is kept while the relay is away, and says so', async () => {
    await ask();
    scene.network.mode = 'refused';
    scene.network.cut();
    await scene.wait();
    await press('.point input', 4);
    await send('.asked form');
    expect(texts('.asked p')[0]).toBe(
      'Thank you for your answer. 5 of 5, Very good. It will go out when you are back.',
    );
    scene.network.mode = 'ok';
    await scene.wait(30_000);
    expect(bodies('answered').at(-1)).toMatchObject({ answers: { score: 5 }, final: true });
    expect(texts('.asked p')[0]).toBe('Thank you for your answer. 5 of 5, Very good.');
  });
});

describe('a form in the conversation', () => {
  const ask = async () => {
    const ada = await meet();
    ada.ask(scene.conversation(), 'details');
    await scene.wait();
    await there('.asked form');
  };

  it('has fields that depend on each other, and thanks in the words of the answers', async () => {
    await ask();
    await press('.tick input', 1);
    await fill('[type=date]', '2026-11-20');
    await press('[type=checkbox]');
    await send('.asked form');
    expect(bodies('answered').at(-1)).toMatchObject({
      answers: { why: 'bad', day: '2026-11-20', ok: true },
      final: true,
    });
    expect(texts('.asked p')).toEqual(['Noted: Damaged.']);
  });

  it('names what is missing, and leads to the first of it', async () => {
    await ask();
    await press('.tick input', 1);
    await send('.asked form');
    expect(texts('.asked .failed')).toEqual(['This is needed.', 'We need your consent to go on.']);
    expect(focused()?.getAttribute('type')).toBe('date');
    expect(bodies('answered').filter(({ final }) => final)).toEqual([]);
  });

  it('shows what the relay finds wrong beside its field', async () => {
    await ask();
    await press('.tick input', 0);
    await press('[type=checkbox]');
    scene.server.refuse('bad-answers');
    await send('.asked form');
    expect(scene.find('.asked [role=alert]')?.textContent).toBeTruthy();
    expect(scene.find('.asked form')).not.toBeNull();
  });

  it('keeps the focus in the question when it is done', async () => {
    await ask();
    await press('.tick input', 0);
    await press('[type=checkbox]');
    scene.find<HTMLElement>('.asked .main')!.focus();
    await send('.asked form');
    expect(focused()).toBe(scene.find('.asked'));
  });
});
