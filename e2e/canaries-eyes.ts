import type { BrowserContext, Page } from 'playwright-core';
import { MARK } from './canaries-marks.ts';

/** What browsers met while they were watched. */
export interface Sights {
  /** Marks on a screen: in words, names, titles, values, notifications. */
  readonly seen: ReadonlySet<string>;
  /** Marks that came to a page in what the relay sent. */
  readonly received: ReadonlySet<string>;
  /** Everything that ran, was forbidden by a policy, leads where nothing may lead, or turns the words beside it. */
  readonly problems: ReadonlySet<string>;
  /** Paths of scripts that were fetched. */
  readonly scripts: ReadonlySet<string>;
  /** Watches all pages of a context, from their first moment on. */
  watch(context: BrowserContext): Promise<void>;
  /** Looks at everything that is on a page now, and at how it stands there. */
  look(page: Page): Promise<void>;
}

export function createSights(): Sights {
  const [seen, received, problems, scripts] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  const receive = (text: string): void => {
    for (const [mark] of text.matchAll(MARK)) received.add(mark);
  };
  return {
    ...{ seen, received, problems, scripts },
    async watch(context) {
      await context.exposeBinding('pwned', (_source, mark: unknown) => void problems.add(`ran: ${mark}`));
      await context.exposeBinding('sveikiSaw', (_source, marks: string[]) => {
        for (const mark of marks) seen.add(mark);
      });
      await context.exposeBinding('sveikiFound', ({ page }, problem: string) => {
        problems.add(`${problem} at ${new URL(page.url()).pathname}`);
      });
      await context.addInitScript(eyes);
      context.on('weberror', (error) => problems.add(`error: ${error.error().stack}`));
      context.on('page', (page) => {
        page.on('dialog', (dialog) => {
          problems.add(`dialog: ${dialog.message()}`);
          void dialog.dismiss();
        });
        page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => receive(String(payload))));
        page.on('response', (response) => {
          const { pathname } = new URL(response.url());
          if (response.request().resourceType() === 'script') scripts.add(pathname);
          if (!/json|event-stream/.test(response.headers()['content-type'] ?? '')) return;
          response.text().then(receive, () => {});
        });
      });
    },
    look: (page) => page.evaluate(() => (window as unknown as { sveikiLook(): void }).sveikiLook()),
  };
}

/** Runs inside of pages, before anything else. */
function eyes(): void {
  const page = window as unknown as {
    sveikiSaw(marks: string[]): void;
    sveikiFound(problem: string): void;
    sveikiLook(): void;
  };
  const known = new Set<string>();
  const found = new Set<string>();
  const roots = new Set<Document | ShadowRoot>();
  const mark = /qz\d+x/g;
  const addresses = [
    'href',
    'src',
    'action',
    'formaction',
    'xlink:href',
    'data',
    'poster',
    'srcdoc',
    'ping',
    'background',
  ];
  const forbidden = ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'FRAME'];
  const turning = /[\u202a-\u202e\u2066-\u2069]/;

  const see = (text: string | null): void => {
    const fresh = [...(text?.matchAll(mark) ?? [])].map(([one]) => one).filter((one) => !known.has(one));
    for (const one of fresh) known.add(one);
    if (fresh.length > 0) page.sveikiSaw(fresh);
  };
  const find = (problem: string): void => {
    if (!found.has(problem)) page.sveikiFound(problem);
    found.add(problem);
  };
  const readAttribute = (element: Element, name: string, value: string): void => {
    if (name.startsWith('on')) find(`<${element.localName} ${name}=${value}>`);
    if (addresses.includes(name)) {
      // Browsers leave these out when they read the scheme of an address.
      const scheme = [...value].filter((letter) => letter > ' ').join('');
      if (/^(?:javascript|data|vbscript|srcdoc)/i.test(scheme) || name === 'srcdoc')
        find(`<${element.localName} ${name}=${value}>`);
    }
    see(value);
  };
  const read = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) return see(node.nodeValue);
    if (!(node instanceof Element) && !(node instanceof DocumentFragment) && !(node instanceof Document)) return;
    if (node instanceof Element) {
      if (forbidden.includes(node.nodeName.toUpperCase())) find(`<${node.localName}>`);
      if (node instanceof HTMLScriptElement && (node.src === '' || node.textContent !== ''))
        find('<script> in the page');
      for (const { name, value } of node.attributes) readAttribute(node, name, value);
      if (node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement) see(node.value);
      if (node.shadowRoot) read(node.shadowRoot);
    }
    for (const child of node.childNodes) read(child);
  };
  const observe = (root: Document | ShadowRoot): void => {
    roots.add(root);
    new MutationObserver((changes) => {
      for (const { type, target, attributeName, addedNodes } of changes) {
        if (type === 'characterData') see(target.nodeValue);
        else if (type === 'attributes')
          readAttribute(
            target as Element,
            attributeName ?? '',
            (target as Element).getAttribute(attributeName ?? '') ?? '',
          );
        else for (const node of addedNodes) read(node);
      }
    }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
  };
  observe(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    observe(root);
    return root;
  };
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    find(`forbidden by policy: ${violatedDirective} ${blockedURI} ${sample}`),
  );
  page.sveikiLook = () => {
    for (const root of roots) {
      read(root);
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) leaks(node as Text);
    }
    see(document.title);
  };

  /** A direction that is begun and not ended turns what follows, until the element ends that stands for itself. */
  function leaks(node: Text): void {
    const { data, parentElement } = node;
    if (parentElement === null || data.match(mark) === null || !turning.test(data)) return;
    if (isBalanced(data)) return;
    let home: Element = parentElement;
    for (;;) {
      const { display, unicodeBidi } = getComputedStyle(home);
      if (display === 'none') return;
      if (display !== 'inline' && display !== 'contents') break;
      if (/isolate|plaintext/.test(unicodeBidi)) break;
      if (home.parentElement === null) break;
      home = home.parentElement;
    }
    const rest = document.createRange();
    rest.setStartAfter(node);
    rest.setEndAfter(home.lastChild ?? node);
    if (/[\p{L}\p{N}]/u.test(rest.toString()))
      find(
        `a direction leaks from <${parentElement.localName} class="${parentElement.className}"> into "${rest.toString().slice(0, 40)}"`,
      );
    // The canary ends with its last control or mark: words of ours after it in the same text are turned, too.
    const after = data.slice(Math.max(data.lastIndexOf('\u2067') + 1, data.lastIndexOf('x') + 1));
    if (data.includes('\u2067') && /[\p{L}\p{N}]/u.test(after))
      find(
        `a direction leaks inside of <${parentElement.localName} class="${parentElement.className}"> into "${after.slice(0, 40)}"`,
      );
  }
  function isBalanced(text: string): boolean {
    const open: string[] = [];
    for (const letter of text) {
      if (/[\u202a\u202b\u202d\u202e]/.test(letter)) open.push('\u202c');
      else if (/[\u2066-\u2068]/.test(letter)) open.push('\u2069');
      else if (letter === open.at(-1)) open.pop();
    }
    return open.length === 0;
  }

  // What is shown outside of the page.
  if (typeof Notification !== 'undefined') {
    class Heard extends EventTarget {
      static readonly permission = 'granted';
      static requestPermission = async () => 'granted';
      onclick: (() => void) | null = null;
      onclose: (() => void) | null = null;
      constructor(title: string, { body = '' }: NotificationOptions = {}) {
        super();
        see(title);
        see(body);
        for (const text of [title, body])
          if (turning.test(text) && !isBalanced(text)) find('a direction leaks from a notification');
      }
      close(): void {}
    }
    Object.defineProperty(window, 'Notification', { value: Heard, configurable: true });
  }
}
