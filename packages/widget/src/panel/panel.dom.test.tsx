import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { catalogue as russian } from '../locales/ru.ts';
import { type Stage, stage } from '../testing/stage.ts';

let scene: Stage;
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const setUp = async (options?: Parameters<typeof stage>[1]) => {
  scene = await stage(advance, options);
  return scene;
};
/** Mia has written, Ada has taken it. */
const meet = async (options?: Parameters<typeof stage>[1]) => {
  await setUp(options);
  scene.panel.open();
  await scene.wait();
  await scene.say('Where is my parcel?');
  const ada = scene.server.agent('ada');
  ada.take(scene.conversation());
  await scene.wait(500);
  return { ...scene, ada };
};
const textOf = (selector: string) => scene.findAll(selector).map((element) => element.textContent);
const log = () => scene.find('[role=log]')!;
const button = (name: string) =>
  scene.findAll('button').find((element) => (element.getAttribute('aria-label') ?? element.textContent) === name);
const press = (target: EventTarget, key: string, init: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
};

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.UTC(2026, 10, 23, 9),
  });
});
afterEach(async () => {
  await scene.strike();
  vi.useRealTimers();
});

describe('opening and closing', () => {
  it('opens with the focus in a text field that is named "Message"', async () => {
    const { panel, find, events, host } = await setUp();
    panel.open();
    await scene.wait();
    expect(find('dialog')?.hasAttribute('open')).toBe(true);
    expect(host.shadowRoot?.activeElement).toBe(find('textarea'));
    expect(find('textarea')?.getAttribute('aria-label')).toBe('Message');
    expect(events[0]).toEqual(['open', undefined]);
  });

  it('connects only when it is opened', async () => {
    const { panel, server } = await setUp();
    const before = server.hellos.length;
    await scene.wait();
    expect(server.hellos.length - before).toBe(0);
    panel.open();
    await scene.wait();
    expect(server.hellos.length - before).toBe(1);
  });

  it('names the launcher after what a press will do', async () => {
    const { panel, host } = await setUp();
    expect(host._button.ariaLabel).toBe('Open chat');
    panel.open();
    expect(host._button.ariaLabel).toBe('Close chat');
    panel.close();
    expect(host._button.ariaLabel).toBe('Open chat');
  });

  it('closes with Escape from inside and keeps the key to itself', async () => {
    const { panel, find, events } = await setUp();
    const heard = vi.fn();
    document.addEventListener('keydown', heard);
    panel.open();
    await scene.wait();
    expect(press(find('textarea')!, 'Escape').defaultPrevented).toBe(true);
    expect(find('dialog')?.hasAttribute('open')).toBe(false);
    expect(events.at(-1)).toEqual(['close', undefined]);
    expect(heard).not.toHaveBeenCalled();
    document.removeEventListener('keydown', heard);
  });

  it('leaves Escape to the word that is being composed', async () => {
    const { panel, find } = await setUp();
    panel.open();
    await scene.wait();
    press(find('textarea')!, 'Escape', { isComposing: true });
    expect(find('dialog')?.hasAttribute('open')).toBe(true);
  });

  it('does not let the page see what is typed, which it would take for its shortcuts', async () => {
    const { panel, find } = await setUp();
    const heard = vi.fn();
    for (const name of ['keydown', 'keypress', 'keyup']) document.addEventListener(name, heard);
    panel.open();
    await scene.wait();
    for (const name of ['keydown', 'keypress', 'keyup']) {
      find('textarea')!.dispatchEvent(new KeyboardEvent(name, { key: 's', bubbles: true, composed: true }));
    }
    expect(heard).not.toHaveBeenCalled();
    for (const name of ['keydown', 'keypress', 'keyup']) document.removeEventListener(name, heard);
  });

  it('leaves nothing when it is destroyed', async () => {
    const { panel, host } = await meet();
    await panel._destroy();
    expect([...host._root.children]).toEqual([host._button]);
    expect(host._root.adoptedStyleSheets).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    expect(host._button.textContent).toBe('');
  });

  it('bears a scrolling that is told when the conversation is gone', async () => {
    const { panel } = await meet();
    const list = log();
    await panel._destroy();
    const thrown = vi.fn();
    window.addEventListener('error', thrown);
    list.dispatchEvent(new Event('scroll'));
    window.removeEventListener('error', thrown);
    expect(thrown).not.toHaveBeenCalled();
  });
});

describe('before the first message', () => {
  it('greets in one sentence and offers what people usually ask', async () => {
    const { panel } = await setUp({ server: { siteInfo: { topics: ['Delivery', 'Returns', 'Sizes', 'Jobs'] } } });
    panel.open();
    await scene.wait();
    expect(textOf('.greeting')).toEqual(['Hello. How can we help?']);
    expect(textOf('.empty button')).toEqual(['Delivery', 'Returns', 'Sizes']);
  });

  it('sends a topic as a message', async () => {
    const { panel, server } = await setUp({ server: { siteInfo: { topics: ['Delivery'] } } });
    panel.open();
    await scene.wait();
    button('Delivery')!.click();
    await scene.wait();
    expect(server.transcript(scene.conversation())).toEqual([{ by: 'visitor', text: 'Delivery' }]);
  });

  it('says who answers and how fast', async () => {
    const { panel } = await setUp({ server: { siteInfo: { usualReplyMs: 240_000 } } });
    panel.open();
    await scene.wait();
    await scene.wait();
    expect(textOf('.who h2')).toEqual(['Ada, Ben, Cleo']);
    expect(textOf('.who p')).toEqual(['Usually replies in 4 minutes']);
    expect(textOf('.faces span')).toEqual(['A', 'B', 'C']);
  });

  it('keeps each name to itself, whatever marks are in it', async () => {
    const { panel } = await setUp({
      server: {
        siteInfo: {
          faces: [
            { id: 'a', name: 'A\u202eda' },
            { id: 'b', name: 'B\u2069en' },
          ],
        },
      },
    });
    panel.open();
    await scene.wait();
    expect(textOf('.who h2')).toEqual(['Ada, Ben']);
    expect(textOf('.who bdi')).toEqual(['Ada', 'Ben']);
  });

  it('says when it opens, and that one may write', async () => {
    const opensAt = new Date(2026, 10, 23, 18, 30).getTime();
    const { panel } = await setUp({
      server: { siteInfo: { availability: 'closed', opensAt, faces: [], name: 'Shop' } },
    });
    panel.open();
    await scene.wait();
    await scene.wait();
    expect(textOf('.who h2')).toEqual(['Shop']);
    expect(textOf('.who p')[0]).toMatch(/^Opens at (6|18):30.*, your time$/);
    expect(textOf('.empty p')).toContain('We are closed. Write, and we will answer here.');
  });

  it('shows why it does not serve, instead of a composer', async () => {
    const { panel, find } = await setUp({ chat: { site: 'pk_wrong_key' } });
    panel.open();
    await scene.wait();
    expect(find('.problem')?.textContent).toBe('This chat is not set up for this page. bad-site');
    expect(find('.problem')?.getAttribute('role')).toBe('alert');
    expect(find('textarea')).toBeNull();
  });

  it('says in words that the chat is closed, and how else to reach the site', async () => {
    const contact = { email: 'help@shop.example', phone: '+371 2000-0000', url: 'javascript:alert(1)' };
    const { panel, find } = await setUp({ server: { siteInfo: { paused: true, contact, topics: ['My order'] } } });
    panel.open();
    await scene.wait();
    expect(textOf('.problem')[0]).toBe('This chat is closed at the moment.');
    expect(find('.problem')?.getAttribute('role')).toBe('status');
    expect(textOf('.problem li')).toEqual(['help@shop.example', '+371 2000-0000', 'javascript:alert(1)']);
    const links = [...(find('.problem ul')?.querySelectorAll('a') ?? [])].map((link) => link.getAttribute('href'));
    expect(links).toEqual(['mailto:help@shop.example', 'tel:+37120000000']);
    // The line runs as the panel does, only the address in it runs its own way.
    expect(textOf('.problem li bdi')).toEqual(textOf('.problem li'));
    expect(find('.problem li')?.hasAttribute('dir')).toBe(false);
    expect(find('textarea')).toBeNull();
    expect(textOf('.empty button')).toEqual([]);
  });
});

describe('the composer', () => {
  it('sends with Enter and is empty then', async () => {
    const { panel, find, server } = await setUp();
    panel.open();
    await scene.wait();
    await scene.say('Where is my parcel?');
    expect(server.transcript(scene.conversation())).toEqual([{ by: 'visitor', text: 'Where is my parcel?' }]);
    expect(find<HTMLTextAreaElement>('textarea')?.value).toBe('');
  });

  it.each([
    ['a line break', { shiftKey: true }],
    ['a word that is being composed', { isComposing: true }],
    ['a composition in Safari', { keyCode: 229 }],
  ])('does not send with the Enter of %s', async (_, init) => {
    const { panel, find, server } = await setUp();
    panel.open();
    await scene.wait();
    const field = find<HTMLTextAreaElement>('textarea')!;
    field.value = 'Not yet';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    press(field, 'Enter', init);
    await scene.wait();
    expect(server.conversations.size).toBe(0);
    expect(field.value).toBe('Not yet');
  });

  it('shows the send button when there is something to send', async () => {
    const { panel, find } = await setUp();
    panel.open();
    await scene.wait();
    expect(button('Send')).toBeUndefined();
    panel.setDraft('Hello');
    await scene.wait();
    button('Send')!.click();
    await scene.wait();
    expect(textOf('.own .bubble')).toEqual(['Hello']);
    expect(find('.send')).toBeNull();
  });

  it('keeps a text that is too long and says what to do', async () => {
    const { panel, find } = await setUp();
    panel.open();
    await scene.wait();
    await scene.say('x'.repeat(17_000));
    expect(find<HTMLTextAreaElement>('textarea')?.value).toHaveLength(17_000);
    expect(textOf('[role=alert]')).toEqual(['This message is too long. Send it in parts.']);
    panel.setDraft('x');
    await scene.wait();
    expect(find('[role=alert]')).toBeNull();
  });

  it('takes a draft from the page, but never over what is there', async () => {
    const { panel, find } = await setUp();
    panel.open({ draft: 'About the blue scarf' });
    await scene.wait();
    panel.open({ draft: 'About something else' });
    await scene.wait();
    expect(find<HTMLTextAreaElement>('textarea')?.value).toBe('About the blue scarf');
  });
});

describe('a chat whose code cannot be fetched', () => {
  it('says so, keeps what was typed, and sends it when it comes', async () => {
    const { panel, find, server } = await setUp({ failures: 2 });
    panel.open();
    await scene.wait();
    expect(textOf('.empty p')).toContain('The connection is lost. Trying again.');
    await scene.say('Is anybody there?');
    expect(find<HTMLTextAreaElement>('textarea')?.value).toBe('Is anybody there?');
    await scene.wait(7_000);
    expect(server.transcript(scene.conversation())).toEqual([{ by: 'visitor', text: 'Is anybody there?' }]);
    expect(find<HTMLTextAreaElement>('textarea')?.value).toBe('');
  });
});

describe('the conversation', () => {
  it('is a labelled log that is silent itself', async () => {
    await meet();
    expect(log().getAttribute('aria-live')).toBe('off');
    expect(log().getAttribute('aria-label')).toBe('Messages');
    expect(log().tabIndex).toBe(0);
  });

  it('tells for each message alone who said it and when', async () => {
    const { ada } = await meet();
    ada.say(scene.conversation(), 'Let me look.');
    await scene.wait();
    const [own, theirs] = scene.findAll('.message');
    expect(own?.textContent).toMatch(/^You, \d+:\d\d.*Where is my parcel\?/);
    expect(theirs?.textContent).toMatch(/^Ada, \d+:\d\d.*Let me look\./);
  });

  it('follows a message on its way', async () => {
    const { ada } = await meet();
    const state = () => scene.findAll('.own .meta').at(-1)?.textContent?.split(' · ')[1];
    scene.network.stall('up');
    await scene.say('Hello?');
    expect(state()).toBe('Sending');
    scene.network.flow();
    await scene.wait();
    expect(state()).toBe('Sent');
    ada.mark(scene.conversation(), { delivered: 9, read: 0 });
    await scene.wait();
    expect(state()).toBe('Delivered');
    ada.mark(scene.conversation());
    await scene.wait();
    expect(state()).toBe('Seen');
  });

  it('offers to try a refused message again, or to discard it', async () => {
    const { server } = await meet();
    server.refuse('forbidden');
    await scene.say('Refused');
    expect(textOf('.failed')).toEqual(['Not sent.Try againDiscard']);
    button('Try again')!.click();
    await scene.wait();
    expect(server.transcript(scene.conversation()).at(-1)).toEqual({ by: 'visitor', text: 'Refused' });
    server.refuse('forbidden');
    await scene.say('Refused again');
    button('Discard')!.click();
    await scene.wait();
    expect(textOf('.own .bubble')).toEqual(['Where is my parcel?', 'Refused']);
  });

  it('tells what happens in soft lines', async () => {
    const { ada, server } = await meet();
    server.requeue(scene.conversation());
    await scene.wait(1_000);
    ada.take(scene.conversation());
    await scene.wait();
    ada.resolve(scene.conversation());
    await scene.wait();
    expect(textOf('.line')).toEqual([
      'Today',
      'Ada joined',
      'You are back in the queue',
      'Ada joined',
      'This conversation was resolved',
      'Write again whenever you need us.',
    ]);
    await scene.say('One more thing');
    expect(textOf('.line')).toContain('This conversation was reopened');
  });

  it('shows the place in the queue while nobody has taken it', async () => {
    const { panel, server } = await setUp();
    server.visitor('Noah').say('First');
    panel.open();
    await scene.wait();
    await scene.say('Second');
    await scene.wait(1_000);
    expect(textOf('.strip')).toEqual(['1 person is ahead of you']);
    server.agent('ben').take([...server.conversations.keys()][0]!);
    await scene.wait(1_000);
    expect(textOf('.strip')).toEqual(['You are next']);
    server.agent('ada').take(scene.conversation());
    await scene.wait(1_000);
    expect(textOf('.strip')).toEqual([]);
  });

  it('shows who types', async () => {
    const { ada } = await meet();
    ada.typing(scene.conversation());
    await scene.wait();
    expect(textOf('.typing')).toEqual(['Ada is typing']);
  });

  it('says in words that the connection is lost', async () => {
    await meet();
    scene.network.mode = 'refused';
    scene.network.cut();
    await scene.wait();
    expect(textOf('.strip')).toEqual(['The connection is lost. Trying again.']);
  });

  it('shows text only as text, in the conversation and on its way', async () => {
    const { ada } = await meet();
    const hostile = '<img src=x onerror=alert(1)><script>alert(1)</script>';
    ada.say(scene.conversation(), hostile);
    scene.network.stall('up');
    await scene.say(hostile);
    expect(textOf('.bubble').slice(-2)).toEqual([hostile, hostile]);
    expect(scene.find('img, script')).toBeNull();
  });

  it('pages older history in', async () => {
    const { ada } = await meet();
    scene.network.mode = 'refused';
    scene.network.cut();
    for (let i = 0; i < 510; i++) ada.say(scene.conversation(), `Message ${i}`);
    scene.network.mode = 'ok';
    await scene.wait(30_000);
    expect(textOf('.bubble')).toHaveLength(50);
    button('Earlier messages')!.click();
    await scene.wait();
    expect(textOf('.bubble')).toHaveLength(100);
    expect(textOf('.bubble')[0]).toBe('Message 410');
    // Scrolled to the top, it needs no button.
    log().scrollTop = 0;
    log().dispatchEvent(new Event('scroll'));
    await scene.wait();
    expect(textOf('.bubble')).toHaveLength(150);
  });
});

describe('unread messages', () => {
  it('are counted on the launcher and in its name while the panel is closed', async () => {
    const { ada, panel, host } = await meet();
    panel.close();
    ada.say(scene.conversation(), 'One');
    ada.say(scene.conversation(), 'Two');
    await scene.wait();
    expect(host._button.textContent).toBe('2');
    expect(host._button.ariaLabel).toBe('Open chat, 2 unread messages');
    panel.open();
    await scene.wait();
    expect(host._button.textContent).toBe('');
    expect(host._button.ariaLabel).toBe('Close chat');
  });

  it('are read when they have been on screen', async () => {
    const { ada, server } = await meet();
    ada.say(scene.conversation(), 'One');
    await scene.wait();
    const { state } = server.log(scene.conversation(), 'visitor');
    expect(scene.events.filter(([name]) => name === 'unread').at(-1)).toEqual(['unread', 0]);
    expect(state?.publicHead).toBeGreaterThan(0);
  });
});

describe('what a screen reader hears', () => {
  it('is each message of others once, with its author and without markup', async () => {
    const { ada, spoken } = await meet();
    spoken.length = 0;
    ada.say(scene.conversation(), 'Your **parcel** is `here`');
    await scene.wait(300);
    expect(spoken).toEqual(['Ada: Your parcel is here']);
  });

  it('is a hundred phrases for a burst of a hundred messages, in order', async () => {
    const { ada, spoken } = await meet();
    spoken.length = 0;
    for (let i = 0; i < 100; i++) ada.say(scene.conversation(), `Number ${i}`);
    await scene.wait(300);
    expect(spoken).toEqual(Array.from({ length: 100 }, (_, i) => `Ada: Number ${i}`));
    await scene.wait(1_100);
    expect(scene.findAll('[aria-live=polite] > *')).toEqual([]);
  });

  it('is never what one wrote oneself', async () => {
    const { spoken } = await meet();
    spoken.length = 0;
    await scene.say('My own words');
    await scene.wait(500);
    expect(spoken).toEqual([]);
  });

  it('is that somebody types once a turn', async () => {
    const { ada, spoken } = await meet();
    spoken.length = 0;
    for (let i = 0; i < 4; i++) {
      ada.typing(scene.conversation());
      await scene.wait(3_000);
    }
    expect(spoken).toEqual(['Ada is typing']);
    ada.say(scene.conversation(), 'Here it is');
    await scene.wait();
    ada.typing(scene.conversation());
    await scene.wait(500);
    expect(spoken).toEqual(['Ada is typing', 'Ada: Here it is', 'Ada is typing']);
  });

  it('is what happens to the conversation', async () => {
    const { ada, spoken } = await meet();
    await scene.wait(500);
    expect(spoken).toContain('Ada joined');
    ada.resolve(scene.conversation());
    await scene.wait(500);
    expect(spoken.at(-1)).toBe('This conversation was resolved');
  });

  it('is a lost connection and its return, but not a short break', async () => {
    const { spoken } = await meet();
    spoken.length = 0;
    scene.network.cut();
    await scene.wait(900);
    await scene.wait(2_000);
    expect(spoken).toEqual([]);
    scene.network.mode = 'refused';
    scene.network.cut();
    await scene.wait(1_500);
    expect(spoken).toEqual(['The connection is lost. Trying again.']);
    scene.network.mode = 'ok';
    for (let i = 0; i < 10; i++) await scene.wait(3_000);
    expect(spoken).toEqual(['The connection is lost. Trying again.', 'You are connected again.']);
  });

  it('comes from one polite region only', async () => {
    const { panel } = await meet();
    expect(scene.findAll('[aria-live=polite]')).toHaveLength(1);
    panel.close();
    await scene.wait();
    expect(scene.findAll('[aria-live=polite]')).toHaveLength(1);
  });

  it('is only a count while the panel is closed', async () => {
    const { ada, panel, spoken } = await meet();
    panel.close();
    await scene.wait(2_000);
    spoken.length = 0;
    ada.say(scene.conversation(), 'A long story');
    await scene.wait(500);
    expect(spoken).toEqual(['1 unread message']);
  });
});

it('speaks another language from one moment to the next', async () => {
  const { panel, find, host } = await meet();
  panel._translate(Promise.resolve({ tag: 'ru', catalogue: russian }));
  await scene.wait();
  await scene.wait();
  expect(find('textarea')?.getAttribute('aria-label')).toBe('Сообщение');
  expect(find('dialog')?.lang).toBe('ru');
  expect(host._button.ariaLabel).toBe('Закрыть чат');
  expect(textOf('.line')).toEqual(['Сегодня', 'Ada теперь в чате']);
});
