/**
 * Every bound of the wire, with its unit in its name. A peer that passes one gets the error or close code named beside it.
 * @see SPEC "Limits"
 */
export const LIMITS = {
  /** Largest frame in either direction; a larger one from a client closes with 1009. */
  maxFrameBytes: 65_536,
  /** Largest first frame (`hello`), the only thing that is read before we know who speaks; else closes with 4400. */
  maxHelloBytes: 8_192,
  /** Time from the open socket to a valid `hello`; then closes with 4408. */
  helloTimeoutMs: 10_000,
  /** Fragments one message may come in; then closes with 1008. */
  maxFragments: 64,
  /** UTF-8 bytes of one text block; else `too-large`. */
  maxTextBytes: 16_384,
  /** Blocks in one message; else `bad-frame`. */
  maxBlocks: 8,
  /** Characters of a label, a card's subtitle; how many quick replies, facts and actions there may be; else `bad-frame`. */
  maxLabelChars: 200,
  maxCardChars: 500,
  maxQuickReplies: 12,
  maxCardFacts: 12,
  maxCardActions: 4,
  /** JSON characters of answers, collected data, a tool's input or output; else `too-large`. */
  maxJsonChars: 16_384,
  /** Characters of a summary, a reason; else `bad-frame`. */
  maxSummaryChars: 2_000,
  /** Skills a conversation may need, with levels 1 to 5. */
  maxSkills: 16,
  /** Agents one offer may go to at once. */
  maxOffered: 50,
  /** An unfinished streamed reply fades at the reader after this. */
  streamExpiresMs: 30_000,
  /** A visitor's page has this long to ask for consent and run a tool; then the bot hears `timed-out`. */
  toolTimeoutMs: 60_000,
  /** Characters of a challenge with the answer to it; else `bad-frame`. */
  maxProofChars: 200,
  /** Characters of a client-made id (message, command, conversation); else `bad-frame`. */
  minIdChars: 8,
  maxIdChars: 64,
  /** Characters of a name, a team, a title; longer ones are `bad-frame`. */
  maxNameChars: 200,
  /** Characters of an address of a page; longer ones are cut by clients and refused by the relay. */
  maxUrlChars: 2_048,
  /** Characters of a text's preview in lists. */
  maxPreviewChars: 140,
  /** Conversations a `hello` may say it has. */
  maxHaveConversations: 64,
  /** Events in one page of history or one back-fill; more come with `more: true`. */
  maxPageEvents: 200,
  defaultPageEvents: 50,
  /** A reader who is further behind than this gets a snapshot instead of the events between. */
  maxResumeEvents: 500,
  /** Conversations in one page of a list. */
  maxPageConversations: 100,
  /** Sends a client may have without an answer. */
  maxUnacked: 16,
  /** The relay pings this often; any frame from the other side counts as life. */
  heartbeatMs: 25_000,
  /** Silence after a ping until the relay closes with 4410, and silence beyond `heartbeatMs` until a client reconnects. */
  heartbeatGraceMs: 10_000,
  /** A typing mark fades at the reader after this. */
  typingExpiresMs: 6_000,
  /** A client sends typing at most this often. */
  typingEveryMs: 3_000,
  /** Bytes waiting for a slow reader: above the first, ephemeral frames are dropped; above the second, he is closed with 4411. */
  ephemeralDropBytes: 65_536,
  slowReaderBytes: 1_048_576,
} as const;
