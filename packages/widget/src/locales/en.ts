import type { Catalogue } from './catalogue.ts';

export const catalogue = {
  open: 'Open chat',
  closeChat: 'Close chat',
  close: 'Close',
  chat: 'Chat',
  messages: 'Messages',
  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  you: 'You',
  bot: '{0} · bot',
  greeting: 'Hello. How can we help?',
  topics: 'Common questions',

  usualReply: 'Usually replies in {0}',
  online: 'We are here',
  away: 'We are away. Write, and we will answer here.',
  opens: 'Opens at {0}, your time',
  opensOn: 'Opens {0}, your time',
  closed: 'We are closed. Write, and we will answer here.',

  next: 'You are next',
  ahead: { one: '{0} person is ahead of you', other: '{0} people are ahead of you' },
  wait: '{0}, about {1}',

  typing: '{0} is typing',
  typingSeveral: '{0} are typing',

  sending: 'Sending',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Seen',
  notSent: 'Not sent.',
  retry: 'Try again',
  discard: 'Discard',

  joined: '{0} joined',
  returned: '{0} is back',
  queued: 'You are back in the queue',
  asked: 'There is a question for you',
  reopened: 'This conversation was reopened',
  resolved: 'This conversation was resolved',
  resolvedHint: 'Write again whenever you need us.',

  unread: { one: '{0} unread message', other: '{0} unread messages' },
  newMessages: { one: '{0} new message', other: '{0} new messages' },
  earlier: 'Earlier messages',
  loading: 'Loading',
  today: 'Today',
  yesterday: 'Yesterday',

  connecting: 'Connecting',
  reconnecting: 'The connection is lost. Trying again.',
  offline: 'You are offline. Your message will go out when you are back.',
  connected: 'You are connected again.',

  tooLarge: 'This message is too long. Send it in parts.',
  notShown: 'This message cannot be shown.',
  refused: 'This chat is not set up for this page.',
  signIn: 'Sign in on this site to chat.',
  outdated: 'Reload the page to chat.',
} satisfies Catalogue<'one' | 'other'>;
