import type { Agent, Presence } from '@sveiki/sdk/agent';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import type { AuditPageModel } from './audit-page.ts';
import type { BotDraftModel } from './bot-draft.ts';
import type { ComposerModel } from './composer.ts';
import type { ConversationModel } from './conversation.ts';
import type { InboxModel } from './inbox.ts';
import type { OffersModel } from './offers.ts';
import type { PersonalDataModel } from './personal-data.ts';
import { sentenceOf } from './problems.ts';
import { type RouteModel, views } from './route.ts';
import type { ScreenModel } from './screen.ts';
import type { SessionModel } from './session.ts';
import type { SettingsModel } from './settings.ts';
import type { SpamPageModel } from './spam.ts';
import type { SurveysPageModel } from './surveys-page.ts';

/**
 * A key by its place on the keyboard (`KeyboardEvent.code`), so that it works in every layout. `sign` is for keys people know by what they print.
 */
export interface Shortcut {
  code: string;
  sign?: string;
  /** With Ctrl, or Cmd on a Mac. Without it, it is a single key, which can be turned off. */
  mod?: true;
  label: string;
}

export type CommandGroup = keyof typeof texts.palette.groups;

/** Something the agent can do: the palette, the keys and the help all read this one list. */
export interface Command {
  id: string;
  title: string;
  group: CommandGroup;
  keys: readonly Shortcut[];
  isPossible(): boolean;
  run(): void;
}

const key = (code: string, label = code.replace(/^(Key|Digit)/, '')): Shortcut => ({ code, label });
const always = () => true;
const presences: readonly Presence[] = ['online', 'away', 'offline'];

export interface CommandParts {
  agent: Agent;
  inbox: InboxModel;
  conversation: ConversationModel;
  composer: ComposerModel;
  screen: ScreenModel;
  settings: SettingsModel;
  session: SessionModel;
  alerts: AlertsModel;
  routing: RouteModel;
  offers: OffersModel;
  botDraft: BotDraftModel;
  surveysPage: SurveysPageModel;
  personalData: PersonalDataModel;
  auditPage: AuditPageModel;
  spamPage: SpamPageModel;
}

export function setPresence(
  { agent, alerts }: Pick<CommandParts, 'agent' | 'alerts'>,
  presence: Presence,
): Promise<void> {
  return agent.setPresence(presence).catch((error: unknown) => alerts.toast(texts.presence.failed(sentenceOf(error))));
}

/** Takes the conversation and, when that worked, puts the cursor where the reply goes. */
export async function takeAndWrite({
  conversation,
  composer,
  screen,
}: Pick<CommandParts, 'conversation' | 'composer' | 'screen'>) {
  const id = conversation.id.peek();
  if (!(await conversation.take()) || conversation.id.peek() !== id) return;
  composer.setMode('reply');
  screen.focusOn('composer');
}

export function commandsOf(parts: CommandParts): Command[] {
  const {
    inbox,
    conversation,
    composer,
    screen,
    settings,
    session,
    routing,
    offers,
    botDraft,
    surveysPage,
    personalData,
    auditPage,
    spamPage,
  } = parts;
  const words = texts.commands;
  const isOpen = () => conversation.current.value !== undefined;
  const write = (mode: 'reply' | 'note') => () => {
    composer.setMode(mode);
    screen.focusOn('composer');
  };
  const move = (by: 1 | -1) => () => {
    inbox.move(by);
    screen.focusOn('list');
  };
  const setStatus = (status: 'open' | 'waiting') => () => void conversation.setStatus(status);
  const statusIs = (status: string) => conversation.current.value?.status === status && conversation.isOwn.value;

  return [
    {
      id: 'reply',
      title: words.reply,
      group: 'conversation',
      keys: [key('KeyR')],
      isPossible: isOpen,
      run: write('reply'),
    },
    {
      id: 'note',
      title: words.note,
      group: 'conversation',
      keys: [key('KeyN')],
      isPossible: isOpen,
      run: write('note'),
    },
    {
      id: 'take',
      title: words.take,
      group: 'conversation',
      keys: [key('KeyT')],
      isPossible: () => conversation.mayTake.value,
      run: () => void takeAndWrite(parts),
    },
    {
      id: 'transfer',
      title: words.transfer,
      group: 'conversation',
      keys: [key('KeyA')],
      isPossible: () => conversation.mayTransfer.value,
      run: () => screen.open('transfer'),
    },
    {
      id: 'resolve',
      title: words.resolve,
      group: 'conversation',
      keys: [key('KeyE')],
      isPossible: () => conversation.mayResolve.value,
      run: () => screen.open('resolve'),
    },
    {
      id: 'spam',
      title: words.spam,
      group: 'conversation',
      keys: [],
      isPossible: () => conversation.maySpam.value,
      run: () => screen.open('spam'),
    },
    {
      id: 'not-spam',
      title: words.notSpam,
      group: 'conversation',
      keys: [],
      isPossible: () => conversation.isSpam.value,
      run: () => void conversation.unmarkSpam(),
    },
    {
      id: 'return-to-bot',
      title: words.returnToBot,
      group: 'conversation',
      keys: [key('KeyB')],
      isPossible: () => conversation.mayReturn.value,
      run: () => screen.open('return'),
    },
    {
      id: 'draft-use',
      title: words.draftUse,
      group: 'conversation',
      keys: [key('KeyU')],
      isPossible: () => botDraft.draft.value !== null,
      run: () => botDraft.use(),
    },
    {
      id: 'draft-send',
      title: words.draftSend,
      group: 'conversation',
      keys: [key('KeyS')],
      isPossible: () => botDraft.draft.value !== null,
      run: () => void botDraft.send(),
    },
    {
      id: 'draft-dismiss',
      title: words.draftDismiss,
      group: 'conversation',
      keys: [key('KeyX')],
      isPossible: () => botDraft.draft.value !== null,
      run: () => botDraft.dismiss(),
    },
    {
      id: 'wait',
      title: words.wait,
      group: 'conversation',
      keys: [key('KeyW')],
      isPossible: () => statusIs('open'),
      run: setStatus('waiting'),
    },
    {
      id: 'set-open',
      title: words.reopen,
      group: 'conversation',
      keys: [key('KeyW')],
      isPossible: () => statusIs('waiting'),
      run: setStatus('open'),
    },
    {
      id: 'details',
      title: words.details,
      group: 'conversation',
      keys: [key('KeyI')],
      isPossible: isOpen,
      run: () => screen.toggleDetails(),
    },
    {
      id: 'accept-offer',
      title: words.acceptOffer,
      group: 'lists',
      keys: [key('KeyY')],
      isPossible: () => offers.first.value !== null,
      run: () => offers.first.value !== null && void offers.accept(offers.first.value),
    },
    {
      id: 'decline-offer',
      title: words.declineOffer,
      group: 'lists',
      keys: [key('KeyD')],
      isPossible: () => offers.first.value !== null,
      run: () => offers.askWhy(offers.first.value),
    },
    { id: 'next', title: words.next, group: 'lists', keys: [key('KeyJ')], isPossible: always, run: move(1) },
    { id: 'previous', title: words.previous, group: 'lists', keys: [key('KeyK')], isPossible: always, run: move(-1) },
    ...views.map(
      (view, index): Command => ({
        id: `list-${view}`,
        title: words.list(texts.lists[view]),
        group: 'lists',
        keys: [key(`Digit${index + 1}`)],
        isPossible: always,
        run() {
          routing.go({ view });
          screen.focusOn('list');
        },
      }),
    ),
    ...(['replies', 'surveys', 'team'] as const).map(
      (page, index): Command => ({
        id: `page-${page}`,
        title: words.page(texts.pages[page]),
        group: 'lists',
        keys: [key(`Digit${views.length + index + 1}`)],
        isPossible: () => page !== 'surveys' || surveysPage.isAllowed.value,
        run: () => routing.go({ page }),
      }),
    ),
    {
      id: 'page-people',
      title: words.page(texts.pages.people),
      group: 'lists',
      keys: [],
      isPossible: () => personalData.isAllowed.value,
      run: () => routing.go({ page: 'people' }),
    },
    {
      id: 'page-audit',
      title: words.page(texts.pages.audit),
      group: 'lists',
      keys: [],
      isPossible: () => auditPage.isAllowed.value,
      run: () => routing.go({ page: 'audit' }),
    },
    {
      id: 'page-blocked',
      title: words.page(texts.pages.blocked),
      group: 'lists',
      keys: [],
      isPossible: () => spamPage.isLead.value,
      run: () => routing.go({ page: 'blocked' }),
    },
    {
      id: 'new-reply',
      title: words.newReply,
      group: 'lists',
      keys: [],
      isPossible: always,
      run: () => routing.go({ page: 'replies', detail: 'new' }),
    },
    ...presences.map(
      (presence): Command => ({
        id: `presence-${presence}`,
        title: words.presence(texts.presence[presence]),
        group: 'me',
        keys: [],
        isPossible: () => parts.agent.state.me?.presence !== presence,
        run: () => void setPresence(parts, presence),
      }),
    ),
    ...(['system', 'light', 'dark'] as const).map(
      (theme): Command => ({
        id: `theme-${theme}`,
        title: words.theme(texts.menu.themes[theme]),
        group: 'me',
        keys: [],
        isPossible: () => settings.settings.value.theme !== theme,
        run: () => settings.change({ theme }),
      }),
    ),
    {
      id: 'density',
      get title() {
        return words.density(settings.settings.value.compact);
      },
      group: 'me',
      keys: [],
      isPossible: always,
      run: () => settings.change({ compact: !settings.settings.value.compact }),
    },
    {
      id: 'sound',
      get title() {
        return words.sound(settings.settings.value.sound);
      },
      group: 'me',
      keys: [],
      isPossible: always,
      run: () => settings.change({ sound: !settings.settings.value.sound }),
    },
    {
      id: 'single-keys',
      get title() {
        return words.singleKeys(settings.settings.value.singleKeys);
      },
      group: 'me',
      keys: [],
      isPossible: always,
      run: () => settings.change({ singleKeys: !settings.settings.value.singleKeys }),
    },
    {
      id: 'help',
      title: words.help,
      group: 'me',
      keys: [{ code: 'Slash', sign: '?', label: '?' }],
      isPossible: always,
      run: () => screen.open('keys'),
    },
    {
      id: 'canned',
      title: words.canned,
      group: 'conversation',
      keys: [
        { code: 'Slash', sign: '/', label: '/' },
        { code: 'Slash', mod: true, label: '/' },
      ],
      isPossible: () => isOpen() && composer.canWrite.value,
      run() {
        screen.focusOn('composer');
        composer.openReplies();
      },
    },
    {
      id: 'palette',
      title: words.palette,
      group: 'me',
      keys: [{ code: 'KeyK', mod: true, label: 'K' }],
      isPossible: always,
      run: () => screen.open('palette'),
    },
    {
      id: 'sign-out',
      title: words.signOut,
      group: 'me',
      keys: [],
      isPossible: always,
      run: () => void session.signOut().catch((error: unknown) => parts.alerts.toast(sentenceOf(error))),
    },
  ];
}

export interface KeyPress {
  code: string;
  key: string;
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  shift: boolean;
  /** The keyboard is in a field, where letters are text. */
  isTyping: boolean;
}

/** The command of a key press, or null. Single keys do nothing while somebody types, nor when they are turned off. */
export function commandFor(
  commands: readonly Command[],
  press: KeyPress,
  options: { singleKeys: boolean; isMac: boolean },
): Command | null {
  const isMod = options.isMac ? press.meta && !press.ctrl : press.ctrl && !press.meta;
  const isPlain = !press.ctrl && !press.meta && !press.alt;
  const fits = (shortcut: Shortcut) => {
    if (shortcut.mod) return isMod && !press.alt && !press.shift && press.code === shortcut.code;
    if (!isPlain || press.isTyping || !options.singleKeys) return false;
    if (shortcut.sign !== undefined)
      return press.key === shortcut.sign || (press.shift && press.code === shortcut.code);
    return !press.shift && press.code === shortcut.code;
  };
  return commands.find((command) => command.keys.some(fits) && command.isPossible()) ?? null;
}

/** "Ctrl K", "⌘ K", "J": a shortcut as it is printed. */
export function shortcutLabel({ mod, label }: Shortcut, isMac: boolean): string[] {
  return mod ? [isMac ? '⌘' : 'Ctrl', label] : [label];
}
