import { createRef } from 'preact';
import { Live } from '../live.ts';
import type { Model } from '../model.ts';
import { Icon } from './icon.tsx';

export class Composer extends Live<{ model: Model }> {
  readonly _field = createRef<HTMLTextAreaElement>();

  readonly _submit = (event: Event) => {
    event.preventDefault();
    this.props.model._submit();
    this._field.current!.focus();
  };

  /** As high as its text where the style sheet cannot say so; it says how far the field may grow. */
  readonly _grow = () => {
    if (CSS.supports('field-sizing:content')) return;
    const { style } = this._field.current!;
    style.blockSize = 'auto';
    // The borders are not in scrollHeight.
    style.blockSize = `${this._field.current!.scrollHeight + 2}px`;
  };

  override componentDidUpdate() {
    this._grow();
  }

  _draw({ model }: { model: Model }) {
    const words = model._words.value;
    const draft = model._draft.value;
    const isTooLarge = model._isTooLarge.value;
    const files = model._files.value;
    return (
      <form class="composer" part="composer" onSubmit={this._submit}>
        {isTooLarge && (
          <p class="failed" id="large" role="alert">
            {words.tooLarge}
          </p>
        )}
        {files && <files._Tray />}
        <div class="row">
          {files && <files._Button />}
          <textarea
            ref={this._field}
            rows={1}
            // An empty field runs in the direction of its placeholder.
            dir={draft ? 'auto' : undefined}
            aria-label={words.message}
            aria-describedby={isTooLarge ? 'large' : undefined}
            placeholder={words.placeholder}
            enterkeyhint="send"
            value={draft}
            // It has no height before the panel is shown.
            onFocus={this._grow}
            onInput={() => model._type(this._field.current!.value)}
            onKeyDown={(event) => {
              // Enter that ends a composition (Chinese, Japanese, Korean) chooses a word; 229 is how Safari says so.
              if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229)
                this._submit(event);
            }}
          />
          {(draft.trim() || files?._isFull()) && (
            <button type="submit" class="icon send" part="send" aria-label={words.send}>
              <Icon name="send" />
            </button>
          )}
        </div>
      </form>
    );
  }
}
