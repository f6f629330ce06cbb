import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Model } from '../model.ts';
import { Icon } from './icon.tsx';

export function Composer({ model }: { model: Model }) {
  const words = model._words.value;
  const draft = model._draft.value;
  const isTooLarge = model._isTooLarge.value;
  const field = useRef<HTMLTextAreaElement>(null);

  useLayoutEffect(() => {
    const { style } = field.current!;
    style.blockSize = 'auto';
    // The borders are not in scrollHeight; the style sheet says how far it may grow.
    style.blockSize = `${field.current!.scrollHeight + 2}px`;
  }, [draft]);

  const submit = (event: Event) => {
    event.preventDefault();
    model._submit();
    field.current!.focus();
  };
  return (
    <form class="composer" part="composer" onSubmit={submit}>
      {isTooLarge && (
        <p class="failed" id="large" role="alert">
          {words.tooLarge}
        </p>
      )}
      <div class="row">
        <textarea
          ref={field}
          rows={1}
          // An empty field runs in the direction of its placeholder.
          dir={draft ? 'auto' : undefined}
          aria-label={words.message}
          aria-describedby={isTooLarge ? 'large' : undefined}
          placeholder={words.placeholder}
          enterkeyhint="send"
          value={draft}
          onInput={() => model._type(field.current!.value)}
          onKeyDown={(event) => {
            // Enter that ends a composition (Chinese, Japanese, Korean) chooses a word; 229 is how Safari says so.
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
          }}
        />
        {draft.trim() && (
          <button type="submit" class="icon send" part="send" aria-label={words.send}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
