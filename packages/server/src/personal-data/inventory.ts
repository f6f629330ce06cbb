/**
 * What every table says about visitors, and what becomes of it. A table or column that is not here fails a test: whoever adds one says whether it
 * names a person, how he gets it, and how it goes.
 */
export interface Answer {
  columns: readonly string[];
  /** Where an export has it; null: nothing in it is about a person. */
  exported: string | null;
  erased: string;
}

const NOBODY = 'nothing in it is about a visitor';

export const INVENTORY: Readonly<Record<string, Answer>> = {
  conversation: {
    columns: [
      ...['id', 'public_id', 'site', 'visitor', 'head', 'public_head', 'status', 'owner', 'team', 'started_at'],
      ...['queued_at', 'resolved_at', 'activity_at', 'asked_at', 'replied_at', 'state', 'state_head'],
    ],
    exported: 'conversations/<id>.json, "conversation"',
    erased: 'goes under a visitor who is nobody; the state loses name, language and the last words',
  },
  event: {
    columns: ['position', 'conversation', 'seq', 'public_seq', 'id', 'author', 'at', 'actor', 'body'],
    exported: 'conversations/<id>.json, "events"',
    erased: 'overwritten with what eraseEvent leaves; the visitor’s ids go',
  },
  cursor: {
    columns: ['conversation', 'reader', 'delivered', 'read'],
    exported: 'conversations/<id>.json, "read"',
    erased: 'stays: numbers of a conversation that is nobody’s',
  },
  visitor: {
    columns: [
      ...['id', 'site', 'name', 'email', 'external_id', 'locale', 'time_zone', 'visit'],
      ...['first_seen_at', 'last_seen_at'],
    ],
    exported: 'person.json, "person"',
    erased: 'removed',
  },
  visitor_session: {
    columns: ['token_hash', 'visitor', 'created_at', 'expires_at'],
    exported: 'person.json, "sessions", without the hash',
    erased: 'removed; a hash of it is shut out',
  },
  survey_ask: {
    columns: ['conversation', 'public_seq', 'ask', 'survey', 'kind', 'visitor', 'asked_at', 'until'],
    exported: 'person.json, "surveysAsked"',
    erased: 'goes under a visitor who is nobody',
  },
  file: {
    columns: [
      ...['id', 'key', 'site', 'author', 'name', 'type', 'size', 'width', 'height', 'received', 'ready', 'created_at'],
      ...['conversation', 'event', 'audience'],
    ],
    exported: 'person.json, "files", and files/',
    erased: 'removed, the bytes first',
  },
  audit: {
    columns: ['position', 'at', 'actor', 'action', 'object', 'person', 'detail', 'key', 'hash'],
    exported: null,
    erased: 'stays: it says who saw or exported whom, by ids that lead to nobody any more',
  },
  audit_head: { columns: ['id', 'position', 'hash', 'key', 'seal'], exported: null, erased: NOBODY },
  block: {
    columns: ['id', 'kind', 'target', 'reason', 'conversation', 'created_at', 'created_by', 'expires_at'],
    exported: null,
    erased: 'stays until it expires: the id leads to nobody any more, and an address is not tied to a visitor',
  },
  erasure: {
    columns: [
      ...['id', 'person', 'visitor', 'gone_as', 'site', 'requested_by', 'reason', 'state', 'requested_at', 'erased_at'],
      ...['cleaned_at', 'counts', 'problem'],
    ],
    exported: null,
    erased: 'stays without the visitor: it is the proof',
  },
  shut_out: { columns: ['key', 'at'], exported: null, erased: 'stays: hashes, so that a device is told to forget' },
  aging: { columns: ['conversation', 'kind', 'seq'], exported: null, erased: NOBODY },
  take: { columns: ['taken_at', 'team', 'waited_ms'], exported: null, erased: NOBODY },
  agent: {
    columns: [
      ...['id', 'email', 'folded_email', 'name', 'role', 'teams', 'capacity', 'presence', 'password_hash', 'active'],
      ...['created_at'],
    ],
    exported: null,
    erased: NOBODY,
  },
  agent_session: {
    columns: ['token_hash', 'agent', 'created_at', 'expires_at', 'last_used_at'],
    exported: null,
    erased: NOBODY,
  },
  sign_in_code: { columns: ['code_hash', 'agent', 'expires_at'], exported: null, erased: NOBODY },
  probe: { columns: ['id', 'writes', 'filler'], exported: null, erased: NOBODY },
  consumer: { columns: ['name', 'position'], exported: null, erased: NOBODY },
  survey_held_back: { columns: ['key', 'survey', 'at'], exported: null, erased: NOBODY },
  canned_reply: { columns: ['id', 'content', 'updated_at', 'updated_by', 'removed'], exported: null, erased: NOBODY },
  canned_reply_use: {
    columns: ['conversation', 'reply', 'uses', 'last_used_at', 'resolved', 'csat'],
    exported: null,
    erased: 'stays: counts of a conversation that is nobody’s',
  },
  setting: { columns: ['name', 'value'], exported: null, erased: NOBODY },
  override: {
    columns: ['kind', 'name', 'content', 'revision', 'changed_at', 'changed_by'],
    exported: null,
    erased: NOBODY,
  },
  migration: { columns: ['version', 'applied_at'], exported: null, erased: NOBODY },
};
