/** A text in each form that its language has for numbers; `{0}` is the number. */
export type Plural<Category extends Intl.LDMLPluralRule = Intl.LDMLPluralRule> = { [C in Category]: string };

/**
 * Every text of the widget. `{0}`, `{1}` are filled in. A language declares the plural categories it has, and `satisfies` holds its file to them;
 * a test compares them with what the platform says. Times, units and names of days come from `Intl`.
 */
export interface Catalogue<Category extends Intl.LDMLPluralRule = never> {
  /** Name of the launcher while the panel is closed; in English it contains "chat". */
  open: string;
  /** Name of the launcher while the panel is open. */
  closeChat: string;
  /** Button in the panel. */
  close: string;
  /** Button in the panel, and the heading of what it opens: what is kept about the visitor. */
  ownData: string;
  /** Name of the panel and its heading, until more is known. */
  chat: string;
  /** Name of the list of messages. */
  messages: string;
  /** Name of the text field. The noun, not the command. */
  message: string;
  placeholder: string;
  /** Button: send the message. */
  send: string;
  /** The visitor, as the author of a message. */
  you: string;
  /** `{0}` is the name of a bot: everybody must see that it is one. */
  bot: string;
  /** The only sentence of an empty panel. */
  greeting: string;
  /** Name of the group of up to three things people usually ask. */
  topics: string;

  /** `{0}` is a duration in the nominative: "4 minutes". */
  usualReply: string;
  online: string;
  away: string;
  /** `{0}` is a time of today: "9:00". */
  opens: string;
  /** `{0}` is a day with a time: "Monday 9:00". */
  opensOn: string;
  closed: string;

  /** The visitor is first in the queue. */
  next: string;
  ahead: Plural<Category>;
  /** `{0}` is a sentence about the queue, `{1}` a duration. */
  wait: string;

  typing: string;
  typingSeveral: string;

  sending: string;
  sent: string;
  delivered: string;
  /** An agent has read it. */
  read: string;
  notSent: string;
  retry: string;
  discard: string;

  /** `{0}` is an agent. */
  joined: string;
  /** `{0}` is an agent who was away for a moment. */
  returned: string;
  queued: string;
  /** A form or a survey came. */
  asked: string;
  reopened: string;
  resolved: string;
  resolvedHint: string;

  unread: Plural<Category>;
  newMessages: Plural<Category>;
  earlier: string;
  loading: string;
  today: string;
  yesterday: string;

  connecting: string;
  reconnecting: string;
  offline: string;
  /** Spoken when the connection is there again. */
  connected: string;

  tooLarge: string;
  /** Something in a message was hidden: a card number, a key. */
  hidden: string;
  notShown: string;
  /** The relay refuses this page or key. */
  refused: string;
  signIn: string;
  /** This copy of the widget is too old. */
  outdated: string;
  /** He may not write. */
  blocked: string;
  /** Nobody can write here for the time being. */
  paused: string;
  /** Before an e-mail address, a phone number, a page. */
  elsewhere: string;
  /** The relay does not answer. */
  unreachable: string;
  /** What he can do about it: write all the same. */
  leave: string;
  /** The relay wants a little work first, and it takes longer than usual. */
  checking: string;
  /** A first message was refused for its links. */
  links: string;
}
