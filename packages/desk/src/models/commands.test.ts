import { describe, expect, it } from 'vitest';
import { conversation, watched } from '../testing/agent-double.ts';
import { settled, testDesk } from '../testing/desk.ts';
import { commandFor, type KeyPress, shortcutLabel } from './commands.ts';
import { matches } from './palette.ts';

const ada = { id: 'ada', name: 'Ada Ozola' };
const press = (code: string, part: Partial<KeyPress> = {}): KeyPress => ({
  code,
  key: '',
  ctrl: false,
  meta: false,
  alt: false,
  shift: false,
  isTyping: false,
  ...part,
});
const pc = { singleKeys: true, isMac: false };

function open(owner: typeof ada | null = ada) {
  const found = testDesk({ fragment: '#/mine/c-1' });
  found.agent.put(watched(conversation({ id: 'c-1', owner })));
  const idOf = (key: KeyPress, options = pc) => commandFor(found.desk.commands, key, options)?.id ?? null;
  return { ...found, idOf };
}

describe('shortcuts', () => {
  it('follow the place of the key, whatever it prints', () => {
    const { idOf } = open();
    expect(idOf(press('KeyJ', { key: 'о' }))).toBe('next');
    expect(idOf(press('KeyE', { key: 'ع' }))).toBe('resolve');
    expect(idOf(press('Digit2', { key: 'é' }))).toBe('list-queue');
  });

  it('do nothing while somebody types, with other keys held, or when turned off', () => {
    const { idOf } = open();
    expect(idOf(press('KeyE', { isTyping: true }))).toBe(null);
    for (const held of ['ctrl', 'meta', 'alt', 'shift']) expect(idOf(press('KeyE', { [held]: true }))).toBe(null);
    expect(idOf(press('KeyE'), { ...pc, singleKeys: false })).toBe(null);
    expect(idOf(press('Slash', { key: '?', shift: true }), { ...pc, singleKeys: false })).toBe(null);
  });

  it('open the palette from everywhere, with the key of the machine', () => {
    const { idOf } = open();
    expect(idOf(press('KeyK', { ctrl: true, isTyping: true }), { singleKeys: false, isMac: false })).toBe('palette');
    expect(idOf(press('KeyK', { meta: true }), { singleKeys: true, isMac: true })).toBe('palette');
    expect(idOf(press('KeyK', { meta: true }))).toBe(null);
    expect([
      shortcutLabel({ code: 'KeyK', mod: true, label: 'K' }, false),
      shortcutLabel({ code: 'KeyK', mod: true, label: 'K' }, true),
    ]).toEqual([
      ['Ctrl', 'K'],
      ['⌘', 'K'],
    ]);
  });

  it('know the question mark by its sign and by its place', () => {
    const { idOf } = open();
    expect(idOf(press('Minus', { key: '?', shift: true }))).toBe('help');
    expect(idOf(press('Slash', { key: ',', shift: true }))).toBe('help');
    expect(idOf(press('Slash', { key: '/' }))).toBe('canned');
  });

  it('offer only what can be done here', () => {
    const own = open();
    expect([own.idOf(press('KeyT')), own.idOf(press('KeyA'))]).toEqual([null, 'transfer']);
    const queued = open(null);
    expect([queued.idOf(press('KeyT')), queued.idOf(press('KeyA')), queued.idOf(press('KeyE'))]).toEqual([
      'take',
      'transfer',
      null,
    ]);
    const nothing = testDesk();
    expect(commandFor(nothing.desk.commands, press('KeyR'), pc)).toBe(null);
  });

  it('have one meaning each', () => {
    const { desk } = open();
    const keys = desk.commands.flatMap(({ keys, id }) =>
      keys.map(({ code, sign, mod }) => `${mod ? 'mod ' : ''}${sign ?? code} ${id}`),
    );
    const codes = keys.filter((key) => !key.endsWith('set-open')).map((key) => key.replace(/ [\w-]+$/, ''));
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('commands', () => {
  it('take a conversation and put the cursor where the reply goes', async () => {
    const { desk, agent } = open(null);
    desk.commands.find(({ id }) => id === 'take')?.run();
    await settled();
    expect(agent.calls).toContain('take c-1');
    expect(desk.screen.focus.value).toEqual({ target: 'composer' });
  });

  it('write a note in note mode', () => {
    const { desk } = open();
    desk.commands.find(({ id }) => id === 'note')?.run();
    expect(desk.composer.mode.value).toBe('note');
  });

  it('switch between waiting and open with one key', async () => {
    const { desk, agent, idOf } = open();
    expect(idOf(press('KeyW'))).toBe('wait');
    agent.put(watched(conversation({ id: 'c-1', owner: ada, status: 'waiting' })));
    expect(idOf(press('KeyW'))).toBe('set-open');
    desk.commands.find(({ id }) => id === 'set-open')?.run();
    await settled();
    expect(agent.calls).toContain('setStatus c-1 open');
  });
});

describe('the palette', () => {
  it('finds by the beginnings of words in any order', () => {
    expect(matches('Resolve this conversation', 'con res')).toBe(true);
    expect(matches('Resolve this conversation', 'esolve')).toBe(false);
    expect(matches('Go to Queue', ' QUE ')).toBe(true);
  });

  it('holds every command that can be done, and people once something is typed', () => {
    const { desk, agent } = open();
    const possible = desk.commands
      .filter((command) => command.id !== 'palette' && command.isPossible())
      .map(({ id }) => id);
    expect(desk.palette.items.value.map(({ id }) => id)).toEqual(possible);
    agent.put(watched(conversation({ id: 'c-2', visitor: { id: 'noah', name: 'Noah Lind' } })));
    desk.palette.search('noah');
    expect(desk.palette.items.value.map(({ id }) => id)).toEqual(['go-c-2']);
    desk.screen.open('palette');
    desk.palette.run(0);
    expect([desk.screen.overlay.value, desk.conversation.id.value]).toEqual([null, 'c-2']);
  });

  it('walks in a circle and says how much it found', () => {
    const { desk } = open();
    desk.palette.search('colours');
    const count = desk.palette.items.value.length;
    expect([count, desk.palette.announcement.value]).toEqual([2, '2 results']);
    desk.palette.move(-1);
    expect(desk.palette.active.value).toBe(1);
    desk.palette.move(1);
    expect(desk.palette.active.value).toBe(0);
    desk.palette.search('no such thing');
    desk.palette.move(1);
    desk.palette.run(0);
    expect(desk.palette.announcement.value).toBe('Nothing matches. Try another word.');
  });
});
