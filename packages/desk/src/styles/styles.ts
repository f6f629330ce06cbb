import base from './base.css';
import composer from './composer.css';
import controls from './controls.css';
import conversation from './conversation.css';
import details from './details.css';
import dialogs from './dialogs.css';
import files from './files.css';
import lists from './lists.css';
import pages from './pages.css';
import panes from './panes.css';
import signIn from './sign-in.css';
import tokens from './tokens.css';

/** Constructed, not inline: the strictest Content-Security-Policy lets it through, and nothing flashes unstyled. */
export function adoptStyles(page: Document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    [tokens, base, controls, panes, lists, conversation, composer, files, details, dialogs, pages, signIn].join('\n'),
  );
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
}
