import { useEffect } from 'preact/hooks';
import { commandFor } from '../models/commands.ts';
import { useDesk } from '../parts/desk-context.ts';
import { KeysDialog } from '../parts/keys-dialog.tsx';
import { Announcer, ConnectionBar, Toasts } from '../parts/notices.tsx';
import { Offers } from '../parts/offers.tsx';
import { PaletteDialog } from '../parts/palette-dialog.tsx';
import { Rail } from '../parts/rail.tsx';
import { ResolveDialog } from '../parts/resolve-dialog.tsx';
import { ReturnDialog } from '../parts/return-dialog.tsx';
import { SpamDialog } from '../parts/spam-dialog.tsx';
import { TransferDialog } from '../parts/transfer-dialog.tsx';
import { texts } from '../texts.ts';
import { AuditPage } from './audit.tsx';
import { BlockedPage } from './blocked.tsx';
import { Conversation } from './conversation.tsx';
import { Details } from './details.tsx';
import { Inbox } from './inbox.tsx';
import { PersonalDataPage } from './personal-data.tsx';
import { RepliesPage } from './replies.tsx';
import { SurveysPage } from './surveys.tsx';
import { TeamPage } from './team.tsx';

/** The three panes and what lies over them. On narrow screens `data-pane` says which one is there. */
export function Workspace() {
  const { screen, conversation, routing } = useDesk();
  const { page } = routing.route.value;
  const isOpen = conversation.id.value !== null;
  const isDetails = screen.isDetailsShown.value;
  const pane = !isOpen ? 'list' : isDetails && !screen.isWide.value ? 'details' : 'conversation';
  useShortcuts();
  return (
    <>
      <SkipLinks isOpen={isOpen} />
      <ConnectionBar />
      {(page !== 'inbox' || (screen.isNarrow.value && isOpen)) && <Offers isBar />}
      <div class="workspace" data-talk={isOpen ? '' : undefined}>
        <Rail />
        {page === 'inbox' ? (
          <main class="panes" data-pane={pane} data-details={isDetails ? '' : undefined}>
            <h1 class="unseen">{texts.product}</h1>
            <Inbox />
            <Conversation />
            {isDetails && <Details />}
          </main>
        ) : (
          <main class="page-frame">
            <h1 class="unseen">{texts.product}</h1>
            {page === 'replies' && <RepliesPage />}
            {page === 'surveys' && <SurveysPage />}
            {page === 'team' && <TeamPage />}
            {page === 'blocked' && <BlockedPage />}
            {page === 'people' && <PersonalDataPage />}
            {page === 'audit' && <AuditPage />}
          </main>
        )}
      </div>
      <Toasts />
      <Announcer />
      <Overlay />
    </>
  );
}

function Overlay() {
  const { screen, conversation } = useDesk();
  const overlay = screen.overlay.value;
  if (overlay === 'palette') return <PaletteDialog />;
  if (overlay === 'keys') return <KeysDialog />;
  if (conversation.current.value === undefined) return null;
  if (overlay === 'return') return <ReturnDialog />;
  if (overlay === 'spam') return <SpamDialog />;
  if (overlay === 'transfer') return <TransferDialog />;
  return overlay === 'resolve' ? <ResolveDialog /> : null;
}

/** Buttons rather than `#anchors`: the address after `#` is the desk's own. */
function SkipLinks({ isOpen }: { isOpen: boolean }) {
  const { screen } = useDesk();
  return (
    <nav class="skip-links" aria-label={texts.skip.label}>
      <button type="button" class="button primary" onClick={() => screen.focusOn('list')}>
        {texts.skip.list}
      </button>
      <button type="button" class="button primary" onClick={() => document.getElementById('conversation')?.focus()}>
        {texts.skip.conversation}
      </button>
      {isOpen && (
        <button
          type="button"
          class="button primary"
          onClick={() => (document.getElementById('composer-text') ?? document.getElementById('composer'))?.focus()}
        >
          {texts.skip.composer}
        </button>
      )}
    </nav>
  );
}

const fields = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]';

function useShortcuts() {
  const { commands, settings, around, screen } = useDesk();
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || screen.overlay.value !== null) return;
      // A page may ask something of its own.
      if (document.querySelector('dialog[open]') !== null) return;
      const target = event.target instanceof Element ? event.target : null;
      const command = commandFor(
        commands,
        {
          code: event.code,
          key: event.key,
          ctrl: event.ctrlKey,
          meta: event.metaKey,
          alt: event.altKey,
          shift: event.shiftKey,
          isTyping: target?.matches(fields) ?? false,
        },
        { singleKeys: settings.settings.value.singleKeys, isMac: around.isMac },
      );
      if (command === null) return;
      event.preventDefault();
      command.run();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [commands, settings, around, screen]);
}
