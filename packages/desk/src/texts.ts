import { isolated } from './models/names.ts';

/**
 * Every text of the desk. Short sentences, active voice; what happened, what was kept, what to do. A comment says what a word means where it
 * could mean two things. Names stand `isolated` in a sentence, so that one in Arabic or Hebrew letters does not turn the words around it.
 */
const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const texts = {
  product: 'Sveiki',
  title: (unread: number) => (unread > 0 ? `(${unread}) Desk · Sveiki` : 'Desk · Sveiki'),
  someVisitor: (mark: string) => `Visitor ${mark}`,
  you: 'You',
  /** Stands behind the name of a program that answers, wherever it is named. */
  bot: (name: string) => `${name} (bot)`,
  close: 'Close',
  cancel: 'Cancel',
  /** Leads from a conversation to the list, on narrow screens. */
  back: 'Back to the list',

  skip: {
    label: 'Skip links',
    list: 'Skip to the list',
    conversation: 'Skip to the conversation',
    composer: 'Skip to the composer',
  },

  signIn: {
    heading: 'Sign in to the desk',
    intro: 'Answer the people who write to you.',
    email: 'E-mail',
    password: 'Password',
    button: 'Sign in',
    busy: 'Signing in',
    showPassword: 'Show password',
    wrong: 'E-mail and password do not match. Check both and try again.',
    usedLink: 'This sign-in link was used already or has run out. Sign in with your password, or ask for a new link.',
    ended: 'Your session has ended. Sign in again: your drafts are kept.',
    leaving: 'You are signed out.',
    linkBusy: 'Signing you in',
    missing: 'Type your e-mail and your password.',
    tooFast: 'Too many tries. Wait a minute, then try again.',
    unreachable: 'The relay cannot be reached. Check your connection; it is tried again by itself.',
    starting: 'Opening the desk',
    problem: (sentence: string) => `Signing in did not work. ${sentence}`,
  },
  signOut: 'Sign out',

  connection: {
    reconnecting: 'The connection is lost. It is tried again; what you send is kept until then.',
    offline: 'You are offline. What you send goes out when you are back.',
    closed: (sentence: string) => `${sentence} Reload the page to go on.`,
    closedWhy: 'The relay ended this connection.',
    reload: 'Reload',
    back: 'You are connected again.',
  },

  presence: {
    label: 'Your presence',
    online: 'Online',
    away: 'Away',
    offline: 'Offline',
    failed: (sentence: string) => `Your presence was not changed. ${sentence}`,
  },

  team: {
    button: 'Team',
    heading: 'Who is here',
    /** How many conversations an agent has, of how many he should have at most. */
    load: (load: number, capacity: number) => `${load} of ${capacity} conversations`,
    loadShort: (load: number, capacity: number) => `${load} / ${capacity}`,
    empty: 'Agents appear here when they have an account.',
    roles: { agent: 'Agent', lead: 'Lead', manager: 'Manager', admin: 'Admin' },
  },

  lists: {
    label: 'Conversations',
    nav: 'Lists',
    mine: 'Mine',
    queue: 'Queue',
    open: 'All open',
    resolved: 'Resolved',
    /** Stands behind a number that is on screen. */
    countOf: (n: number, ofLastDay: boolean) =>
      `${n === 1 ? 'conversation' : 'conversations'}${ofLastDay ? ' in the last 24 hours' : ''}`,
    more: 'Show more',
    loading: 'Loading',
    failed: (sentence: string) => `This list could not be loaded. ${sentence}`,
    retry: 'Try again',
    unread: (n: number) => `${n} unread`,
    unanswered: 'unanswered',
    /** In the queue. */
    waits: (words: string) => `waits ${words}`,
    noAnswer: (words: string) => `no answer for ${words}`,
    /** The status: the agent has answered and waits for the visitor. */
    waiting: 'Waiting',
    /** Heads the rows of the queue under the agent's own ones. */
    next: 'Waiting in the queue',
    wholeQueue: 'Show the whole queue',
    lastDay: 'in the last 24 hours',
    nothingSaid: 'No message yet',
    byYou: 'You:',
    by: (name: string) => `${isolated(name)}:`,
    bot: 'Bot',
    empty: {
      mine: {
        title: 'Nothing of yours is open',
        text: 'Conversations that you take or that are given to you appear here.',
      },
      queue: {
        title: 'Nobody is waiting',
        text: 'When a visitor writes and no agent has the conversation yet, it appears here, the longest wait first.',
      },
      open: {
        title: 'No open conversations',
        text: 'Everything that is not resolved appears here, whoever answers it.',
      },
      resolved: {
        title: 'Nothing resolved yet',
        text: 'Conversations appear here when they are resolved. A new message of the visitor reopens them.',
      },
    },
  },

  conversation: {
    label: 'Conversation',
    none: 'Choose a conversation',
    noneText: (key: string) => `It opens here. ${key} opens the palette, which knows every action and its key.`,
    log: (name: string) => `Conversation with ${isolated(name)}`,
    loading: 'Loading the conversation',
    failed: (sentence: string) => `This conversation could not be opened. ${sentence}`,
    close: 'Close it',
    older: 'Show earlier messages',
    olderBusy: 'Loading earlier messages',
    beginning: 'The conversation begins here',
    newLine: 'New',
    jump: (n: number) => (n > 0 ? count(n, 'new message', 'new messages') : 'To the newest message'),
    typing: (name: string) => `${isolated(name)} is typing`,
    note: 'Note',
    noteBy: (name: string) => `Note by ${isolated(name)}`,
    sending: 'Sending',
    sent: 'Sent',
    delivered: 'Delivered',
    seen: 'Seen',
    notSent: (sentence: string) => `Not sent. ${sentence}`,
    noteNotAdded: (sentence: string) => `Not added. ${sentence}`,
    tryAgain: 'Try again',
    discard: 'Discard',
    edit: 'Edit',
    unshowable: 'This message cannot be shown.',
    /** Heads what the visitor can press. */
    choices: 'The visitor can choose',
    writes: (name: string) => `${isolated(name)} is writing`,
    says: (name: string, text: string) => `${isolated(name)}: ${isolated(text)}`,
    wroteNote: (name: string, text: string) => `Note by ${isolated(name)}: ${isolated(text)}`,
    status: { open: 'Open', waiting: 'Waiting for the visitor', resolved: 'Resolved', queued: 'In the queue' },
    ownerYou: 'You',
    nobody: 'Nobody yet',
    /** Colleagues: what they write is seen by the visitor, or only by the team. */
    company: {
      replying: (names: string, many: boolean) => `${names} ${many ? 'are' : 'is'} typing`,
      noting: (names: string, many: boolean) => `${names} ${many ? 'are' : 'is'} writing a note`,
      looking: (names: string, many: boolean) => `${names} ${many ? 'are' : 'is'} looking`,
    },
    and: ' and ',
    context: 'Details',
  },

  actions: {
    take: 'Take',
    transfer: 'Transfer',
    resolve: 'Resolve',
    wait: 'Set waiting',
    reopen: 'Set open',
    refused: {
      take: (sentence: string) => `Not taken. ${sentence}`,
      transfer: (sentence: string) => `Not transferred. ${sentence}`,
      resolve: (sentence: string) => `Not resolved. ${sentence}`,
      return: (sentence: string) => `Not given back to the bot. ${sentence}`,
      ask: (sentence: string) => `Not asked. ${sentence}`,
      status: (sentence: string) => `The status was not changed. ${sentence}`,
    },
  },

  takeIt: {
    queued: (name: string, team: string | null) =>
      `${isolated(name)} waits in the queue${team === null ? '' : ` of ${isolated(team)}`}.`,
    owned: (name: string, owner: string) => `${isolated(owner)} answers ${isolated(name)}.`,
    hint: 'Take the conversation to reply. A note is possible any time.',
    noteOnly: 'You can leave a note. Whoever answers, or a lead, can transfer it to you.',
    resolved: 'This conversation is resolved. A new message of the visitor reopens it. Notes are still possible.',
  },

  composer: {
    label: 'Composer',
    modes: 'What to write',
    reply: 'Reply',
    note: 'Note',
    send: 'Reply',
    addNote: 'Add note',
    replyPlaceholder: (name: string) => `Write to ${isolated(name)}. Type / for a canned reply.`,
    notePlaceholder: 'Write a note for your team',
    replySeen: (name: string) => `${isolated(name)} will see this.`,
    noteSeen: (name: string) => `Only your team sees this. ${isolated(name)} does not.`,
    keys: (keys: string, action: string) => `${keys} to ${action}`,
    /** Lower case: stands behind "Enter to". */
    toSend: 'reply',
    toAdd: 'add the note',
    canned: 'Canned replies',
    cannedCount: (n: number) =>
      n === 0 ? 'No canned reply matches' : `${count(n, 'canned reply', 'canned replies')}, choose with the arrow keys`,
    cannedOpen: 'Insert a canned reply',
    blank: (name: string) => `Fill in ${isolated(name)} first: the visitor would see it as it stands.`,
    noteInside: (author: string) => `This holds a note of ${isolated(author)}. The visitor would see it.`,
    sendAnyway: 'Reply all the same',
    makeNote: 'Make it a note',
    notKept: (sentence: string) => `Not sent. ${sentence} Your text is kept here.`,
  },

  transfer: {
    heading: 'Transfer the conversation',
    intro: 'The visitor is told who answers next.',
    agents: 'Agents',
    teams: 'Teams',
    teamHint: (n: number) => (n === 0 ? 'Nobody online' : `${n} online`),
    note: 'Note for whoever answers next (optional)',
    button: (name: string | null) => (name === null ? 'Transfer it' : `Transfer to ${isolated(name)}`),
    choose: 'Choose an agent or a team.',
    full: 'at capacity',
  },

  resolve: {
    heading: 'Resolve the conversation',
    intro: 'Why did the visitor write?',
    button: 'Resolve',
    choose: 'Choose a wrap-up code.',
    none: 'No wrap-up codes are set up. Add some to the configuration of the relay.',
    hint: 'Press its number, then Enter.',
  },

  person: {
    label: 'Details',
    heading: 'Visitor',
    verified: 'Verified',
    verifiedHint: 'Name and e-mail are signed by the site.',
    unverified: 'Not verified',
    unverifiedHint: 'The site has not confirmed who this is. Do not give out personal data.',
    online: 'Online',
    offline: 'Offline',
    language: 'Language',
    localTime: 'Local time',
    sameTime: 'same as yours',
    ahead: (hours: string) => `${hours} ahead of you`,
    behind: (hours: string) => `${hours} behind you`,
    hours: (n: string) => `${n} h`,
    /** The number or name the site knows the visitor by. */
    customer: 'Customer',
    firstSeen: 'First seen',
    visit: 'This visit',
    page: 'Page',
    noPage: 'No page known',
    newTab: '(opens in a new tab)',
    started: 'Started',
    team: 'Team',
    owner: 'Answered by',
    reopened: 'Reopened',
    times: (n: number) => count(n, 'time', 'times'),
    wrapUp: 'Wrap-up code',
    here: 'Also here',
    nobodyHere: 'No colleague has this open.',
    doing: { replying: 'writing a reply', noting: 'writing a note', looking: 'looking' },
    earlier: 'Earlier conversations',
    noEarlier: 'This is the first conversation.',
    earlierFailed: (sentence: string) => `Earlier conversations could not be loaded. ${sentence}`,
    more: 'Show more',
    hide: 'Hide details',
    nothing: 'Who the visitor is appears here when the conversation is open.',
    show: 'Show details',
  },

  menu: {
    button: 'Settings',
    theme: 'Colours',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    density: 'Compact rows',
    sound: 'Sound for new messages',
    soundTest: 'Play it',
    notifications: 'Notify me when this page is hidden',
    notificationsDenied: 'Your browser blocks notifications for this page. Allow them in its settings.',
    notificationsMissing: 'This browser has no notifications.',
    enterSends: 'Enter sends',
    enterSendsHint: (mod: string) => `Shift Enter makes a new line. ${mod} Enter always sends.`,
    singleKeys: 'Single-key shortcuts',
    shortcuts: 'Keyboard shortcuts',
  },

  palette: {
    heading: 'Commands',
    label: 'Search actions and conversations',
    placeholder: 'What would you like to do?',
    nothing: 'Nothing matches. Try another word.',
    results: (n: number) => count(n, 'result', 'results'),
    button: 'Commands',
    groups: { conversation: 'This conversation', lists: 'Lists', me: 'You', go: 'Go to' },
  },

  keys: {
    heading: 'Keyboard shortcuts',
    off: 'Single-key shortcuts are off. Turn them on in the settings.',
    intro: 'Single keys work while you are not typing. They follow the place of the key, whatever the layout.',
    inComposer: 'In the composer',
    send: 'Send',
    newLine: 'New line',
    canned: 'Canned replies',
    leave: 'Back to the list',
    or: 'or',
  },

  commands: {
    palette: 'Open the palette',
    help: 'Show keyboard shortcuts',
    next: 'Next conversation',
    previous: 'Previous conversation',
    open: 'Open the conversation',
    reply: 'Write a reply',
    note: 'Write a note',
    take: 'Take this conversation',
    transfer: 'Transfer this conversation',
    resolve: 'Resolve this conversation',
    wait: 'Set waiting for the visitor',
    reopen: 'Set open',
    details: 'Show or hide details',
    newest: 'Go to the newest message',
    list: (name: string) => `Go to ${name}`,
    presence: (name: string) => `Set yourself ${name.toLowerCase()}`,
    theme: (name: string) => `Colours: ${name.toLowerCase()}`,
    sound: (on: boolean) => (on ? 'Turn sound off' : 'Turn sound on'),
    density: (compact: boolean) => (compact ? 'Roomy rows' : 'Compact rows'),
    singleKeys: (on: boolean) => (on ? 'Turn single-key shortcuts off' : 'Turn single-key shortcuts on'),
    signOut: 'Sign out',
  },

  alerts: {
    assigned: (name: string) => `${isolated(name)} is yours now.`,
    queued: (name: string) => `${isolated(name)} waits in the queue.`,
    lost: (name: string, owner: string | null) =>
      owner === null
        ? `${isolated(name)} went back to the queue.`
        : `${isolated(owner)} answers ${isolated(name)} now.`,
    dismiss: 'Dismiss',
  },

  events: {
    started: (name: string) => `${isolated(name)} started the conversation`,
    startedOn: (name: string, page: string) => `${isolated(name)} started the conversation on “${isolated(page)}”`,
    taken: (who: string) => `${isolated(who)} took the conversation`,
    routed: (owner: string) => `Given to ${isolated(owner)}`,
    routedWhy: (owner: string, reason: string) => `Given to ${isolated(owner)}: ${isolated(reason)}`,
    transferred: (who: string, to: string) => `${isolated(who)} transferred the conversation to ${isolated(to)}`,
    returned: (owner: string) => `Back with ${isolated(owner)}`,
    queuedTransferred: (who: string, team: string) =>
      `${isolated(who)} transferred the conversation to ${isolated(team)}`,
    accepted: (who: string) => `${isolated(who)} accepted the offer`,
    queuedHandoff: (team: string) => `Waits for a person, in the queue of ${isolated(team)}`,
    queuedRouted: (team: string) => `In the queue of ${isolated(team)}`,
    routing: (team: string, reason: string) => `Routed to ${isolated(team)}: ${isolated(reason)}`,
    /** The site's own code failed; the answer it declared for that case held. */
    fallback: 'decided by the fallback, because a hook failed',
    priority: (n: number) => `priority ${n}`,
    needs: (skills: string) => `needs ${skills}`,
    offered: (names: string, reason: string) => `Offered to ${names}: ${isolated(reason)}`,
    offerWithdrawn: 'The offer was taken back',
    offerEnded: {
      declined: (names: string, reason: string | null) =>
        reason === null ? `${names} declined the offer` : `${names} declined the offer: ${isolated(reason)}`,
      expired: (names: string, _reason: string | null) => `${names} did not answer the offer in time`,
      withdrawn: (names: string, _reason: string | null) => `The offer to ${names} was taken back`,
    },
    handoff: (who: string) => `${isolated(who)} asked for a person`,
    handoffWhy: (who: string, reason: string) => `${isolated(who)} asked for a person: ${isolated(reason)}`,
    drafted: (who: string, text: string) => `${isolated(who)} proposed a reply: “${isolated(text)}”`,
    tool: {
      done: (who: string, tool: string) => `${isolated(who)} used “${isolated(tool)}” of the page`,
      refused: (who: string, tool: string) =>
        `${isolated(who)} wanted to use “${isolated(tool)}” of the page. The visitor did not allow it`,
      failed: (who: string, tool: string) => `“${isolated(tool)}” of the page failed for ${isolated(who)}`,
      'no-such-tool': (who: string, tool: string) =>
        `${isolated(who)} wanted to use “${isolated(tool)}”. The page does not have it`,
      'timed-out': (who: string, tool: string) =>
        `“${isolated(tool)}” of the page did not answer ${isolated(who)} in time`,
    },
    toolInput: 'Asked with',
    toolOutput: 'It answered',
    more: 'What was exchanged',
    queuedLost: 'The agent’s connection was lost. Back in the queue',
    queuedLeft: 'The agent left. Back in the queue',
    queuedReopened: 'Back in the queue',
    waiting: (who: string) => `${isolated(who)} set the conversation waiting`,
    open: (who: string) => `${isolated(who)} set the conversation open`,
    resolved: (who: string) => `${isolated(who)} resolved the conversation`,
    resolvedAs: (who: string, code: string) => `${isolated(who)} resolved the conversation: ${isolated(code)}`,
    reopened: (name: string) => `${isolated(name)} wrote again. The conversation is open`,
    identified: (name: string) => `${isolated(name)} signed in at the site`,
    identifiedAs: (name: string, email: string) => `${isolated(name)} signed in at the site as ${isolated(email)}`,
    theQueue: 'the queue',
    aColleague: 'A colleague',
    system: 'The relay',
    other: 'Something happened that this desk does not know yet',
  },

  time: {
    now: 'now',
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`,
    justNow: 'less than a minute',
    minutesLong: (n: number) => count(n, 'minute', 'minutes'),
    hoursLong: (n: number) => count(n, 'hour', 'hours'),
    daysLong: (n: number) => count(n, 'day', 'days'),
    today: 'Today',
    yesterday: 'Yesterday',
    ago: (words: string) => `${words} ago`,
  },

  /** Why a conversation came to whoever has it. */
  arrival: {
    heading: 'Why it came',
    /** Lower case: stands in the middle of a sentence. */
    you: 'you',
    how: {
      taken: (who: string, _reason: string | null) => `Taken by ${isolated(who)}`,
      routed: (who: string, reason: string | null) =>
        reason === null ? `Given to ${isolated(who)}` : `Given to ${isolated(who)}: ${isolated(reason)}`,
      accepted: (who: string, reason: string | null) =>
        reason === null
          ? `Offered, and accepted by ${isolated(who)}`
          : `Offered, and accepted by ${isolated(who)}: ${isolated(reason)}`,
      transferred: (who: string, _reason: string | null) => `Transferred to ${isolated(who)}`,
      returned: (who: string, _reason: string | null) => `Back with ${isolated(who)} after a break`,
    },
    decision: 'Routing',
    fallback: 'A hook failed, so the fallback decided.',
    priority: 'Priority',
    skills: 'Needs',
    level: (skill: string, level: number) => `${skill}, level ${level} or more`,
    preferred: (skill: string) => `${skill} (preferred)`,
    kept: 'Kept for',
    keptUntil: (who: string, time: string) => `${isolated(who)} until ${time}`,
    weight: 'Weight',
    weightHint: (n: number) => `counts as ${n} conversations`,
  },

  handoff: {
    heading: 'Handed over to people',
    aBot: 'A bot',
    by: {
      bot: (name: string) => `${isolated(name)} asks for a person`,
      visitor: 'The visitor asks for a person',
      rule: 'A rule asks for a person',
      supervisor: 'A supervisor asks for a person',
    },
    reason: 'Reason',
    summary: 'Summary',
    intent: 'What it is about',
    language: 'Language',
    mood: 'Mood',
    moods: { negative: 'Unhappy', neutral: 'Neutral', positive: 'Happy' },
    failed: {
      'no-agents': 'Nobody came: no agent is there.',
      declined: 'Nobody came: everybody who was asked declined.',
      'timed-out': 'Nobody came in time.',
      'cancelled-by-visitor': 'The visitor does not want a person any longer.',
      'left-message': 'Nobody came. The visitor left a message.',
    },
    hide: 'Hide',
    show: 'Show what was handed over',
  },

  asked: {
    form: 'Asked to fill in a form',
    survey: 'Asked for feedback',
    formAnswer: (title: string) => `Answers: ${isolated(title)}`,
    surveyAnswer: (title: string) => `Feedback: ${isolated(title)}`,
    before: { 'pre-chat': 'Answers before the chat', offline: 'Left outside opening hours' },
    part: 'Not sent yet. The visitor may change it.',
    yes: 'Yes',
    no: 'No',
    points: (point: number, of: number) => `${point} of ${of}`,
    sum: (score: number) => `Score ${score}`,
    thumbUp: 'Thumb up',
    thumbDown: 'Thumb down',
    none: 'Nothing was filled in.',
  },

  surveys: {
    kinds: { csat: 'Satisfaction (CSAT)', nps: 'Recommendation (NPS)', ces: 'Effort (CES)' },
  },

  problems: {
    general: 'Something went wrong here. Try again.',
  },
} as const;
