import { DummyDriver, type Generated, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';

/** The columns that are asked for outside the hot path, as `migrations.ts` makes them. */
export interface Tables {
  conversation: {
    id: Generated<number>;
    public_id: string;
    site: string;
    visitor: string;
    status: string;
    owner: string | null;
    started_at: number;
    queued_at: number | null;
    resolved_at: number | null;
    activity_at: number;
    asked_at: number | null;
    replied_at: number | null;
    head: number;
    /** As of `state_head`; the events up to `head` are not in it yet. */
    state: string;
    state_head: number;
  };
  cursor: { conversation: number; reader: string; delivered: number; read: number };
  take: { taken_at: number; team: string | null; waited_ms: number };
  visitor: {
    id: string;
    site: string;
    name: string | null;
    email: string | null;
    external_id: string | null;
    locale: string | null;
    time_zone: string | null;
    visit: string | null;
    first_seen_at: number;
    last_seen_at: number;
  };
  visitor_session: { token_hash: string; visitor: string; created_at: number; expires_at: number };
  agent: {
    id: string;
    email: string;
    folded_email: string;
    name: string;
    role: string;
    teams: string;
    capacity: number;
    presence: string;
    password_hash: string | null;
    active: number;
    created_at: number;
  };
  agent_session: { token_hash: string; agent: string; created_at: number; expires_at: number; last_used_at: number };
  consumer: { name: string; position: number };
  block: {
    id: string;
    kind: string;
    target: string;
    reason: string;
    conversation: string | null;
    created_at: number;
    created_by: string;
    expires_at: number | null;
  };
  survey_ask: {
    conversation: number;
    public_seq: number;
    ask: string;
    survey: string;
    kind: string;
    visitor: string;
    asked_at: number;
    until: number | null;
  };
  survey_held_back: { key: string; survey: string; at: number };
  canned_reply: { id: string; content: string; updated_at: number; updated_by: string | null; removed: number };
  canned_reply_use: {
    conversation: string;
    reply: string;
    uses: number;
    last_used_at: number;
    resolved: number;
    csat: number | null;
  };
  file: {
    id: string;
    key: string;
    site: string;
    author: string;
    name: string;
    type: string;
    size: number;
    width: number | null;
    height: number | null;
    received: number;
    ready: number;
    created_at: number;
    conversation: string | null;
    event: string | null;
    audience: string | null;
  };
  setting: { name: string; value: string };
  override: {
    kind: string;
    name: string;
    content: string;
    revision: string;
    changed_at: number;
    changed_by: string;
  };
  audit: {
    position: number;
    at: number;
    actor: string;
    action: string;
    object: string | null;
    person: string | null;
    detail: string;
    key: string;
    hash: string;
  };
  audit_head: { id: number; position: number; hash: string; key: string; seal: string };
  shut_out: { key: string; at: number };
  erasure: {
    id: string;
    person: string;
    visitor: string | null;
    gone_as: string;
    site: string;
    requested_by: string;
    reason: string;
    state: string;
    requested_at: number;
    erased_at: number | null;
    cleaned_at: number | null;
    counts: string;
    problem: string | null;
  };
  aging: { conversation: number; kind: string; seq: number };
  sign_in_code: { code_hash: string; agent: string; expires_at: number };
}

/** Builds SQL and runs none: what it compiles goes to the reading connection or to the writer's thread. */
export const tables = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});
