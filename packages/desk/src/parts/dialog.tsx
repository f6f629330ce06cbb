import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Icon } from './icon.tsx';
import { Problem } from './problem.tsx';

/** A modal window: the platform keeps the keyboard inside, closes on Escape and gives focus back. */
export function Dialog(props: {
  heading: string;
  onClose: () => void;
  children: ComponentChildren;
  /** The heading is for screen readers only. */
  isPlain?: boolean;
  class?: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Right after drawing: what is typed next belongs in here already.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null || element.open) return;
    const before = document.activeElement;
    element.showModal();
    // The first thing to fill in, not the button that closes.
    element.querySelector<HTMLElement>('input, textarea')?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click outside is one more way to close; Escape is the key for it.
    <dialog
      ref={dialog}
      class={`dialog ${props.class ?? ''}`}
      aria-labelledby={heading}
      onClose={props.onClose}
      onClick={(event) => event.target === dialog.current && props.onClose()}
    >
      <div class="dialog-body">
        <div class={props.isPlain ? 'unseen' : 'dialog-head'}>
          <h2 id={heading}>{props.heading}</h2>
          {!props.isPlain && (
            <button type="button" class="button icon-only quiet" onClick={props.onClose} aria-label={texts.close}>
              <Icon name="close" />
            </button>
          )}
        </div>
        {props.children}
      </div>
    </dialog>
  );
}

/** How the form in a dialog ends: what it was refused with, the way out, and the deed. */
export function DialogFoot(props: {
  problem: string | null;
  hint?: string;
  button: string;
  isBusy: boolean;
  isDanger?: boolean;
  onCancel: () => void;
}) {
  return (
    <>
      <Problem text={props.problem} />
      <div class="dialog-foot">
        {props.hint !== undefined && <p class="hint">{props.hint}</p>}
        <button type="button" class="button" onClick={props.onCancel}>
          {texts.cancel}
        </button>
        <button type="submit" class={`button ${props.isDanger ? 'danger' : 'primary'}`} aria-disabled={props.isBusy}>
          {props.button}
        </button>
      </div>
    </>
  );
}
