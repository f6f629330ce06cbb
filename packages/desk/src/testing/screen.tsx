import { render } from 'preact';
import { App } from '../screens/app.tsx';
import { testDesk } from './desk.ts';

/** A whole desk on a page of happy-dom. */
export function showDesk(options: Parameters<typeof testDesk>[0] = {}) {
  const found = testDesk(options);
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  render(<App desk={found.desk} />, root);
  return { ...found, root, close: () => render(null, root) };
}

/** What was changed is on screen after the next drawing. */
export async function drawn(): Promise<void> {
  // Drawing follows in one turn, effects in the next, and what they changed in the third.
  for (let turn = 0; turn < 3; turn += 1)
    await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** The first element with this role and accessible name, as people who do not see would look for it. */
export function byRole(role: string, name: string | RegExp, within: ParentNode = document): HTMLElement {
  const found = allByRole(role, within).find((element) =>
    typeof name === 'string' ? nameOf(element) === name : name.test(nameOf(element)),
  );
  if (found === undefined) {
    const there = allByRole(role, within).map((element) => `"${nameOf(element)}"`);
    throw new Error(`No ${role} is called ${name}. There are: ${there.join(', ') || 'none'}.`);
  }
  return found;
}

const implicit: Record<string, string> = {
  button: 'button:not([role])',
  link: 'a[href]:not([role])',
  textbox: 'textarea:not([role]), input[type=text]:not([role]), input[type=email]:not([role])',
  combobox: 'select:not([role])',
  radio: 'input[type=radio]',
  checkbox: 'input[type=checkbox]',
  dialog: 'dialog:not([role])',
};

function allByRole(role: string, within: ParentNode): HTMLElement[] {
  const selector = [`[role=${role}]`, implicit[role]].filter(Boolean).join(', ');
  return [...within.querySelectorAll<HTMLElement>(selector)];
}

export function nameOf(element: Element): string {
  const label = element.getAttribute('aria-label');
  if (label !== null) return label;
  const labelled = element.getAttribute('aria-labelledby');
  if (labelled !== null) return textOf(document.getElementById(labelled));
  const own = [...document.querySelectorAll('label')].find(({ htmlFor }) => htmlFor !== '' && htmlFor === element.id);
  return textOf(own ?? element.closest('label') ?? element);
}

/** Its text without what is hidden from screen readers. */
function textOf(element: Element | null): string {
  if (element === null) return '';
  const copy = element.cloneNode(true) as Element;
  for (const hidden of copy.querySelectorAll('[aria-hidden=true]')) hidden.remove();
  return (copy.textContent ?? '').replace(/\s+/g, ' ').trim();
}

export function press(target: EventTarget, key: string, part: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...part });
  target.dispatchEvent(event);
  return event;
}

export function type(box: HTMLElement, text: string): void {
  const field = box as HTMLTextAreaElement;
  field.value = text;
  if (box instanceof HTMLTextAreaElement) box.setSelectionRange(text.length, text.length);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
