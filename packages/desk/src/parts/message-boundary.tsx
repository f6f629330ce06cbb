import { Component, type ComponentChildren } from 'preact';
import { texts } from '../texts.ts';

/** A message that cannot be drawn breaks only its own place. */
export class MessageBoundary extends Component<{ children: ComponentChildren }, { isBroken: boolean }> {
  override state = { isBroken: false };
  static override getDerivedStateFromError() {
    return { isBroken: true };
  }
  override render() {
    return this.state.isBroken ? <p class="broken">{texts.conversation.unshowable}</p> : this.props.children;
  }
}
