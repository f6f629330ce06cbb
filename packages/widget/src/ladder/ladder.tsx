import { computed } from '@preact/signals-core';
import { findSite, type PublicSite, type SiteSources } from '@sveiki/sdk';
import { Live } from '../panel/live.ts';
import type { Model } from '../panel/model.ts';
import type { Host, Ladder } from '../panel/types.ts';
import { createAnnouncer } from '../talk/announcer.ts';
import { Ways, waysOf } from '../talk/parts/contact.tsx';
import css from './ladder.css';

/** A line that is back before this was never away, as far as anybody has to decide anything. With what is looked up then it stays below ten seconds. */
const patienceMs = 6_000;
/** The door of the site is asked again this often, while nothing else would find out that it is open. */
const askAgainMs = 10_000;
/** Longer addresses are cut off by mail programs, or not taken at all. */
const maxMailChars = 1_000;

/** What a mail program writes for him: about whom, and what he typed here. */
function mailOf(name: string, typed: string): string {
  const text = (whole: string) =>
    encodeURIComponent(
      [...whole]
        .slice(0, maxMailChars)
        .join('')
        .replace(/\p{Cs}/gu, '')
        .replace(/\r?\n/g, '\r\n'),
    );
  return `?subject=${text(name)}${typed && `&body=${text(typed)}`}`;
}

/**
 * What is offered while the relay cannot be reached: leaving a message, then the other ways to the site in its own order. Shown when nothing was heard
 * for a few seconds, and taken back when the line is there. `ask` asks the door of the site, and rejects when it does not answer.
 */
export function startLadder(host: Host, model: Model, sources: SiteSources, ask: () => Promise<unknown>): Ladder {
  const announcer = createAnnouncer(() => host._root.querySelector('[aria-live=polite]'));
  const { _known: known } = model;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);

  async function find(): Promise<PublicSite | null> {
    known.value ??= await findSite({ ...sources, heard: model._heard });
    return known.value;
  }
  const contactOf = () => model._state.value.site?.contact ?? known.value?.contact;
  // Before consent nothing goes out by itself.
  const lines = () => {
    const { unreachable, leave } = model._words.value;
    return model._hold ? unreachable : `${unreachable} ${leave}`;
  };

  class View extends Live {
    _box: HTMLElement | null = null;

    override componentWillUnmount() {
      super.componentWillUnmount();
      // Whoever was here by keyboard goes on where he writes.
      if (this._box?.contains(host._root.activeElement))
        host._root.querySelector<HTMLElement>('.composer textarea')?.focus();
    }
    _draw() {
      const { site, entries } = model._state.value;
      const unsent = entries.flatMap(({ event, text }) => (event ? [] : (text ?? [])));
      const typed = [...unsent, model._draft.value].filter((text) => text.trim()).join('\n\n');
      const contact = contactOf();
      return (
        <div
          class="ladder"
          ref={(box) => {
            this._box = box;
          }}
        >
          <p>{lines()}</p>
          {waysOf(contact).length > 0 && (
            <>
              <p>{model._words.value.elsewhere}</p>
              <Ways contact={contact} mail={mailOf(site?.name ?? known.value?.name ?? '', typed)} />
            </>
          )}
        </div>
      );
    }
  }

  /** Somebody wants the line, and it is not there. Behind a consent that was not given there is none: then the door says whether the relay is. */
  const isAway = computed(() => {
    const { connection, problem } = model._state.value;
    if (problem || model._isPaused.value) return false;
    if (connection.status === 'idle') return model._isWanted.value && (!model._talk.value || model._isSilent.value);
    return connection.status !== 'online' && connection.status !== 'closed';
  });
  model._follow(() => {
    if (!isAway.value) return;
    let isOver = false;
    const timer = setTimeout(async () => {
      // All of it at once, so that nothing moves twice.
      if (!contactOf()) await find();
      if (!isOver) model._Ladder.value = View as never;
    }, patienceMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
      model._Ladder.value = null;
    };
  });
  let isSaid = false;
  model._follow(() => {
    if (!model._Ladder.value) isSaid = false;
    else if (model._isOpen.value && !isSaid) {
      isSaid = true;
      const ways = waysOf(contactOf()).map(([, text]) => text);
      announcer._say([lines(), ...(ways.length > 0 ? [model._words.value.elsewhere, ways.join(', ')] : [])].join(' '));
    }
  });
  model._follow(() => {
    const isShut = model._isPaused.value && !model._state.value.site;
    if (isShut) void find();
    if (!(model._isSilent.value || isShut) || !model._isOpen.value || !model._talk.value) return;
    const timer = setInterval(() => void ask().catch(() => {}), askAgainMs);
    return () => clearInterval(timer);
  });
  model._follow(() => {
    host._root.adoptedStyleSheets.push(sheet);
    return () => {
      announcer._stop();
      host._root.adoptedStyleSheets = host._root.adoptedStyleSheets.filter((other) => other !== sheet);
    };
  });
  return { _find: find };
}
