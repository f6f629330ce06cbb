import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';

/** A button and the panel it opens. Escape and a look elsewhere close it; the keyboard comes back to the button. */
export function Popover(props: {
  icon: IconName;
  label: string;
  /** Given a way to close it, for panels whose buttons do something. */
  children: ComponentChildren | ((close: () => void) => ComponentChildren);
}) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();

  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [isOpen]);

  function close() {
    setOpen(false);
    button.current?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears Escape from what is inside.
    <div
      ref={root}
      class="popover"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.preventDefault();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        class="button icon-only quiet"
        aria-expanded={isOpen}
        aria-controls={isOpen ? panel : undefined}
        aria-label={props.label}
        title={props.label}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={props.icon} />
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend; the button beside it names it.
        <div id={panel} class="popover-panel" role="group" aria-label={props.label}>
          {typeof props.children === 'function' ? props.children(close) : props.children}
        </div>
      )}
    </div>
  );
}
