import { effect } from '@preact/signals-core';
import { Component, type ComponentChildren } from 'preact';

/** Draws itself again when a prop has changed, or a signal that its last drawing read; not when only its parent was drawn again. */
export abstract class Live<P = object> extends Component<P> {
  _forget = () => {};
  abstract _draw(props: P): ComponentChildren;

  override shouldComponentUpdate(next: P) {
    for (const name in next) if (next[name] !== (this.props as P)[name]) return true;
    return false;
  }
  override componentWillUnmount() {
    this._forget();
  }
  override render() {
    const props = this.props as P;
    let isDrawn = false;
    let drawn: ComponentChildren;
    this._forget();
    // The first run draws and remembers what it read; the second, after a change, reads nothing and is the last.
    this._forget = effect(() => {
      if (isDrawn) this.forceUpdate();
      else drawn = this._draw(props);
      isDrawn = true;
    });
    return drawn;
  }
}

/** The same for a component that is only a function of its props. */
export const live = <P>(draw: (props: P) => ComponentChildren) =>
  class extends Live<P> {
    readonly _draw = draw;
  };
