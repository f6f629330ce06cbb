import type { PersonErasure, PersonFound } from '@sveiki/sdk/agent';
import { afterEach, describe, expect, it } from 'vitest';
import { refusal } from '../testing/agent-double.ts';
import { byRole, drawn, press, showDesk, type } from '../testing/screen.tsx';

const mel = { id: 'mel', name: 'Mel Ozols', role: 'manager', presence: 'online' } as const;
const cleo = { id: 'cleo', name: 'Cleo Martin', role: 'lead', presence: 'online' } as const;
let last: ReturnType<typeof showDesk> | null = null;
afterEach(() => last?.close());

const mia: PersonFound = {
  ...{ id: 'visitor-mia', site: 'pk_shop', name: 'Mia', email: 'mia@shop.example', externalId: null },
  ...{ firstSeenAt: 0, lastSeenAt: 0, isBeingErased: false },
};
const erased: PersonErasure = {
  ...{ id: 'e-1', site: 'pk_shop', by: 'visitor', reason: 'asked-by-person', state: 'done' },
  ...{ requestedAt: 0, erasedAt: 1, cleanedAt: 2, problem: null },
  counts: { conversations: 1, events: 12, files: 0, sessions: 2 },
};

async function show(me: typeof mel | typeof cleo = mel, fragment = '#/people') {
  last = showDesk({ fragment, state: { me: null, signedIn: null } });
  last.agent.answers.found = [mia];
  last.agent.answers.erasures = [erased];
  last.agent.answers.rules = [
    { what: 'messages', days: 365, teams: null, sites: null, next: { count: 3, more: false, examples: ['conv-1'] } },
  ];
  last.agent.set({ me, signedIn: true });
  await drawn();
  return last;
}
const textbox = (name: string | RegExp) => byRole('textbox', name) as HTMLInputElement;
const submit = async (form: Element | null | undefined) => {
  (form as HTMLFormElement | null)?.requestSubmit();
  await drawn();
};
async function findMia(root: Element) {
  await type(textbox('Who'), ' mia@shop.example ');
  await submit(root.querySelector('.people-find'));
}

describe('the page of personal data', () => {
  it('is for managers, and says so to others', async () => {
    const { root, agent } = await show(cleo);
    expect(root.textContent).toContain('This is for managers and admins.');
    expect(agent.calls.filter((call) => call.startsWith('people'))).toEqual([]);
    last?.close();
    const { around } = await show(mel, '#/team');
    byRole('link', 'Personal data').click();
    await drawn();
    expect(around.fragment).toBe('#/people');
  });

  it('finds a person and saves what is kept, for him or all of it', async () => {
    const { root, agent, around } = await show();
    await findMia(root);
    expect(root.querySelector('.people-row')?.textContent).toContain('mia@shop.example');
    byRole('button', /^Export what/).click();
    await drawn();
    byRole('button', /^Export all about/).click();
    await drawn();
    expect(agent.calls.filter((call) => call.startsWith('people.export'))).toEqual([
      'people.export visitor-mia {"all":false}',
      'people.export visitor-mia {"all":true}',
    ]);
    expect(around.files.map(({ name }) => name)).toEqual(['person-visitor-mia.zip', 'person-visitor-mia.zip']);
  });

  it('says at once why an export was refused, and not that the search was wrong', async () => {
    const { root, agent, around } = await show();
    await findMia(root);
    agent.refuse('people.export', Object.assign(new Error('Too many tries.'), { code: 'rate-limited' }));
    byRole('button', /^Export what/).click();
    await drawn();
    expect(root.querySelector('[role=alert]')?.textContent).toBe('Not exported. Too many tries.');
    expect(textbox('Who').getAttribute('aria-invalid')).toBe('false');
    expect(around.files).toEqual([]);
  });

  it('shows and saves nothing of one manager to the next', async () => {
    const { root, agent, around } = await show();
    await findMia(root);
    let save = (_: Blob) => {};
    agent.people.export = () =>
      new Promise((resolve) => {
        save = resolve;
      });
    byRole('button', /^Export all about/).click();
    byRole('button', /^Erase .*Mia/).click();
    await drawn();
    expect(root.querySelector('dialog')).not.toBeNull();
    agent.set({ me: null, signedIn: false });
    agent.set({ me: { ...mel, id: 'max', name: 'Max Berzs' }, signedIn: true });
    save(new Blob(['PK']));
    await drawn();
    expect(root.textContent).not.toContain('mia@shop.example');
    expect(textbox('Who').value).toBe('');
    expect(root.querySelector('dialog')).toBeNull();
    expect(around.files).toEqual([]);
    expect(root.textContent).toContain('1 conversation, 12 entries');
  });

  it('says how many were found, also when there may be more', async () => {
    const { root, agent } = await show();
    const said = () => root.querySelector('[aria-labelledby=find-heading] [role=status]')?.textContent;
    await findMia(root);
    expect(said()).toBe('1 person is found.');
    agent.answers.found = Array.from({ length: 20 }, (_, n) => ({ ...mia, id: `visitor-${n}` }));
    await findMia(root);
    expect(said()).toMatch(/^These are the 20 who were seen last\./);
  });

  it('shows of a name what can be read, and asks for no more than that', async () => {
    const { root, agent } = await show();
    agent.answers.found = [{ ...mia, name: ' Mia\u202e  Ozols ', email: null }];
    await findMia(root);
    expect(root.querySelector('.people-row strong')?.textContent).toBe('Mia Ozols');
    byRole('button', 'Erase Mia Ozols').click();
    await drawn();
    byRole('radio', 'Another reason').click();
    await type(textbox(/^Type/), 'mia ozols');
    await submit(root.querySelector('dialog form'));
    expect(agent.calls).toContain('people.erase visitor-mia other');
  });

  it('says what could not be loaded and what could not be saved', async () => {
    const { root, agent } = await show();
    agent.refuse('people.receipt', refusal('offline', 'The relay cannot be reached.'));
    byRole('button', /^Receipt of/).click();
    await drawn();
    const told = () => root.querySelector('[role=alert]')?.textContent;
    expect(told()).toBe('The receipt was not saved. The relay cannot be reached.');
    byRole('button', /^Receipt of/).click();
    await drawn();
    expect(told()).toBeUndefined();
    agent.refuse('people.erasures', refusal('offline', 'The relay cannot be reached.'));
    agent.set({ connection: { status: 'offline' } as never });
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await drawn();
    expect(told()).toMatch(/^The lists below could not be loaded\. The relay cannot be reached\./);
  });

  it('erases only with a reason and the address typed out', async () => {
    const { root, agent } = await show();
    await findMia(root);
    const opener = byRole('button', /^Erase .*Mia/);
    opener.focus();
    opener.click();
    await drawn();
    const dialog = root.querySelector('dialog');
    await submit(dialog?.querySelector('form'));
    expect(dialog?.textContent).toMatch(/Choose a reason\..*Type exactly/);
    byRole('radio', 'The person asked for it').click();
    await type(textbox(/^Type/), 'mia');
    await submit(dialog?.querySelector('form'));
    const asked = () => agent.calls.filter((call) => call.startsWith('people.erase '));
    expect(asked()).toEqual([]);
    await type(textbox(/^Type/), 'Mia@shop.example');
    await submit(dialog?.querySelector('form'));
    expect(asked()).toEqual(['people.erase visitor-mia asked-by-person']);
    expect(root.querySelector('dialog')).toBeNull();
    expect(root.textContent).not.toContain('mia@shop.example');
    expect(document.activeElement?.textContent).toBe('Find a person');
  });

  it('asks no more after the page was left', async () => {
    const { root, desk } = await show();
    await findMia(root);
    byRole('button', /^Erase .*Mia/).click();
    await drawn();
    desk.routing.go({ page: 'team' });
    await drawn();
    desk.routing.go({ page: 'people' });
    await drawn();
    expect(root.querySelector('dialog')).toBeNull();
  });

  it('keeps single keys from the page below while it asks', async () => {
    const { root, desk } = await show();
    await findMia(root);
    byRole('button', /^Erase .*Mia/).click();
    await drawn();
    press(byRole('radio', 'Another reason'), '?', { code: 'Slash', shiftKey: true });
    await drawn();
    expect(desk.screen.overlay.value).toBeNull();
    byRole('button', 'Cancel').click();
    await drawn();
    press(document.body, '?', { code: 'Slash', shiftKey: true });
    expect(desk.screen.overlay.value).toBe('keys');
  });

  it('keeps the dialog with what was refused', async () => {
    const { root, agent } = await show();
    await findMia(root);
    byRole('button', /^Erase .*Mia/).click();
    await drawn();
    byRole('radio', 'Another reason').click();
    await type(textbox(/^Type/), 'mia@shop.example');
    agent.refuse('people.erase', Object.assign(new Error('There is no such person any more.'), { code: 'not-found' }));
    await submit(root.querySelector('dialog form'));
    expect(root.querySelector('dialog')?.textContent).toContain('There is no such person any more.');
  });

  it('lists older ones on demand, and keeps them while newer ones are under way', async () => {
    const { root, agent, around } = await show();
    agent.answers.erasures = [0, 1, 2, 3, 4].map((n) => ({
      ...erased,
      id: `e-${n}`,
      state: n === 0 ? ('erasing' as const) : erased.state,
      counts: { ...erased.counts, events: n },
    }));
    agent.set({ connection: { status: 'offline' } as never });
    agent.set({ connection: { status: 'online', via: 'websocket' } });
    await drawn();
    const list = root.querySelector('[aria-labelledby=erasures-heading]') as HTMLElement;
    const shown = () => [...list.querySelectorAll('li')].map((row) => /, (\d) entr/.exec(row.textContent ?? '')?.[1]);
    expect(shown()).toEqual(['0', '1']);
    byRole('button', 'Show more', list).click();
    await drawn();
    around.pass(3_000);
    await drawn();
    expect(shown()).toEqual(['0', '1', '2', '3']);
    // Once when it was shown, once when the line was back; never only because something is under way.
    expect(agent.calls.filter((call) => call === 'people.retention')).toHaveLength(2);
    byRole('button', 'Show more', list).click();
    await drawn();
    expect(shown()).toEqual(['0', '1', '2', '3', '4']);
    expect(list.textContent).not.toContain('Show more');
  });

  it('lists who was erased with a receipt, and what the rules take next', async () => {
    const { root, around } = await show();
    expect(root.textContent).toMatch(/Erased.*by .*the visitor.*1 conversation, 12 entries, 0 files/);
    byRole('button', /^Receipt of what was asked .*1970/).click();
    await drawn();
    expect(around.files).toMatchObject([{ name: 'erasure-e-1.json', type: 'application/json' }]);
    expect(root.textContent).toMatch(/Words of messages and notes after 365 days.*The next run takes 3\..*conv-1/);
  });
});
