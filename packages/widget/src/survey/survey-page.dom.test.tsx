import type { FormDefinition } from '@sveiki/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { startSurvey } from './survey-page.tsx';

const form: FormDefinition = {
  id: 'csat',
  purpose: 'link',
  title: { en: 'Our help', lv: 'Mūsu palīdzība' },
  fields: [
    { id: 'score', kind: 'rating', scale: 'csat', label: 'How was it?', required: true },
    { id: 'why', kind: 'text', label: 'What went wrong?', when: { field: 'score', op: 'at-most', value: 2 } },
  ],
};

interface Asked {
  path: string;
  body: { token: string; id?: string; answers?: object; partial?: true };
}

let root: HTMLElement;
beforeEach(() => {
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('main'));
});

/** Opens the page; `answer` is what the relay says to answers. */
async function open(part: { question?: object | number; answer?: () => object | number } = {}) {
  const asked: Asked[] = [];
  const say = (told: object | number) =>
    typeof told === 'number' ? new Response('{}', { status: told }) : new Response(JSON.stringify(told));
  const { question = {}, answer = () => ({ ok: true }) } = part;
  await startSurvey(root, {
    token: 'signed',
    wishes: ['en'],
    fetch: async (path, init) => {
      asked.push({ path: String(path), body: JSON.parse(String(init?.body)) as Asked['body'] });
      if (path === 'api/answer') return say(answer());
      return say(
        typeof question === 'number' ? question : { form, locale: 'en', answers: null, final: false, ...question },
      );
    },
  });
  return asked;
}
/** Lets everything that is ready run: the answer, what it changes, and its drawing. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
const points = () => [...root.querySelectorAll<HTMLInputElement>('input[type=radio]')];
const submit = async () => {
  root.querySelector<HTMLButtonElement>('button[type=submit]')?.click();
  await settled();
};

describe('the page behind a link', () => {
  it('asks in the language of the visitor, keeps what is chosen, and thanks', async () => {
    const asked = await open({ question: { locale: 'lv' } });
    expect(document.documentElement.lang).toBe('lv');
    expect(root.querySelector('h1')?.textContent).toBe('Mūsu palīdzība');
    points()[4]?.click();
    await settled();
    expect(asked.at(-1)).toMatchObject({
      path: 'api/answer',
      body: { token: 'signed', answers: { score: 5 }, partial: true },
    });
    await submit();
    expect(asked.at(-1)?.body).toMatchObject({ answers: { score: 5 } });
    expect(asked.at(-1)?.body).not.toHaveProperty('partial');
    expect(asked.at(-1)?.body.id).toMatch(/^[\w-]{8,64}$/);
    expect(root.querySelector('[role=status]')?.textContent).not.toBe('');
    expect(document.activeElement).toBe(root);
  });

  it('sends nothing without what is needed, and says where', async () => {
    const asked = await open();
    await submit();
    expect(asked).toHaveLength(1);
    expect(root.querySelector('[data-wrong]')?.textContent).toContain('This is needed.');
  });

  it('shows what the relay or the site says about the answers', async () => {
    await open({ answer: () => ({ ok: false, problems: [], message: 'Ask us for a new link.' }) });
    points()[4]?.click();
    await submit();
    expect(root.querySelector('[role=alert]')?.textContent).toBe('Ask us for a new link.');
  });

  it('offers to change what was answered, and says when it is too late', async () => {
    await open({ question: { answers: { score: 4 }, final: true }, answer: () => 410 });
    expect(points()).toHaveLength(0);
    root.querySelector('button')?.click();
    await settled();
    expect(points()[3]?.checked).toBe(true);
    await submit();
    expect(root.querySelector('[role=status]')?.textContent).toBe('This question is closed.');
  });

  it('of a link that opens nothing says so, and asks nothing', async () => {
    await open({ question: 404 });
    expect(root.textContent).toBe('This question is closed.');
  });

  it('sends again what the network lost, when it is back', async () => {
    let isAway = true;
    const asked = await open({
      answer: () => {
        if (isAway) throw new TypeError('Failed to fetch');
        return { ok: true };
      },
    });
    points()[2]?.click();
    await submit();
    expect(root.querySelector('[role=alert]')?.textContent).toBe('It will go out when you are back.');
    isAway = false;
    window.dispatchEvent(new Event('online'));
    await settled();
    expect(asked.at(-1)?.body).toMatchObject({ answers: { score: 3 } });
    expect(root.querySelector('[role=status]')?.textContent).toBe('Thank you for your answer.');
  });
});
