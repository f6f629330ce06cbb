import type { ChatOptions, SiteSources } from '@sveiki/sdk';
import { type FakeServerOptions, type Pair, pair } from '@sveiki/sdk/testing';
import { type Asked, consentStore } from '../consent/asked.ts';
import { createGate } from '../consent/gate.tsx';
import { startLadder } from '../ladder/ladder.tsx';
import type { Model } from '../panel/model.ts';
import { createPanel } from '../panel/panel.tsx';
import type { Host, Panel, Texts } from '../panel/types.ts';
import { startTalk } from '../talk/talk.tsx';

export interface Stage extends Pair {
  host: Host;
  panel: Panel;
  /** What the host was told, in order. */
  events: [name: string, detail: unknown][];
  /** Everything that was said to a screen reader, in order. */
  spoken: string[];
  /** The conversation of the fake relay. */
  conversation(): string;
  find<E extends HTMLElement = HTMLElement>(selector: string): E | null;
  findAll(selector: string): HTMLElement[];
  /** Types into the composer and presses Enter. */
  say(text: string): Promise<void>;
  /** Lets time pass, for the relay and for the screen. */
  wait(ms?: number): Promise<void>;
  strike(): Promise<void>;
}

/** The relay's clock and the screen's go on in turns of this. */
const stepMs = 100;

/** A panel on a host element, joined to Mia's chat at the fake relay. Call with fake timers for `setTimeout` and `setInterval`. */
export async function stage(
  advanceTimers: (ms: number) => Promise<unknown>,
  options: {
    server?: Omit<Partial<FakeServerOptions>, 'clock'>;
    chat?: Partial<ChatOptions>;
    attributes?: Record<string, string>;
    texts?: Texts;
    /** What the site asks to agree to; and what it asks when it is asked again. */
    asked?: Asked;
    askedNext?: Asked;
    /** How often the code of the chat cannot be fetched before it can. */
    failures?: number;
    /** Where the site is looked up while its relay is away; and the door, which rejects when it is closed. */
    sources?: Partial<SiteSources>;
    ask?: (model: Model) => Promise<unknown>;
    /** The door did not answer when the panel came. */
    isSilent?: boolean;
    /** It said that the chat is closed. */
    isPaused?: boolean;
  } = {},
): Promise<Stage> {
  const theatre = await pair(options.server);
  // What is fetched when it is needed is there before: a test waits for its clock, not for a busy machine.
  await Promise.all([
    import('../questions/questions.tsx'),
    import('../own-data/own-data.tsx'),
    import('../helper/helper.tsx'),
    import('../files/files.tsx'),
    theatre.chat.files(),
    theatre.chat.ownData(),
  ]);
  // The two that `pair` brings would answer and read by themselves.
  await theatre.agent.destroy();
  await theatre.chat.destroy();
  const events: Stage['events'] = [];
  const spoken: string[] = [];
  const element = document.createElement('div');
  const button = document.createElement('button');
  for (const [name, value] of Object.entries(options.attributes ?? {})) element.setAttribute(name, value);
  const root = element.attachShadow({ mode: 'open' });
  root.append(button);
  document.body.append(element);
  const host: Host = Object.assign(element, {
    _root: root,
    _button: button,
    _hasHistory: () => false,
    _emit: (name: string, detail: unknown) => void events.push([name, detail]),
  });
  const { asked, askedNext = asked } = options;
  const store = consentStore('test', false);
  const gate = asked && createGate(asked, store, async () => askedNext ?? null);
  const chat = theatre.newChat({
    ...{ storage: 'memory', shareTabs: false, consent: store._read },
    ...options.chat,
  });
  let failures = options.failures ?? 0;
  const panel = createPanel(host, options.texts ?? { tag: 'en', catalogue: undefined }, async (model) => {
    if (options.sources) {
      const sources = { site: 'test', server: 'https://chat.example', ...options.sources };
      model._ladder ??= Promise.resolve(startLadder(host, model, sources, async () => options.ask?.(model)));
      model._isSilent.value = options.isSilent ?? false;
      model._isPaused.value = options.isPaused ?? false;
    }
    if (failures-- > 0) throw new TypeError('Failed to fetch dynamically imported module');
    return startTalk(host, model, gate ? gate._guard(chat) : chat, gate?._start);
  });
  const listener = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (!(target instanceof Element) || target.getAttribute('aria-live') !== 'polite') continue;
      for (const node of addedNodes) spoken.push(node.textContent ?? '');
    }
  });
  listener.observe(root, { childList: true, subtree: true });

  const find = <E extends HTMLElement>(selector: string) => root.querySelector<E>(selector);
  const wait = async (ms = 400) => {
    for (let left = ms; left >= 0; left -= stepMs) {
      await theatre.clock.advance(Math.min(left, stepMs));
      await advanceTimers(Math.min(left, stepMs));
      await theatre.clock.settle();
    }
  };
  return Object.assign(theatre, {
    host,
    panel,
    events,
    spoken,
    conversation: () => [...theatre.server.conversations.keys()].at(-1) ?? '',
    find,
    findAll: (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)],
    wait,
    async say(text: string) {
      const field = find<HTMLTextAreaElement>('textarea')!;
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await wait(0);
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      await wait();
    },
    async strike() {
      listener.disconnect();
      await panel._destroy();
      element.remove();
      await theatre.destroy();
    },
  });
}
