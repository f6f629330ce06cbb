import type {
  AskedReplyValue,
  ConfigOverview,
  HookFailure,
  OpeningHours,
  ReplyContent,
  ReplyHit,
  StoredReply,
  StoredSchedule,
  SurveyAnswerRow,
  SurveyAnswersQuery,
  SurveyOverview,
  SurveySettings,
  SurveySetup,
} from '@sveiki/protocol';
import type { CastAgent } from './cast.ts';

/**
 * What the fake's HTTP door tells agents beside their line. Tests say what there is; canned replies are also written through the door. It finds
 * what has the letters typed, and fills in `{{name}}`, `{{name|default}}` and `{{ask:…}}`; everything finer is the relay's.
 */
export interface FakeDeskData {
  /** By id. */
  readonly replies: Map<string, StoredReply>;
  /** Every use, as `reply conversation`. */
  readonly used: string[];
  surveys: SurveyOverview[];
  /** By survey. */
  readonly answers: Map<string, SurveyAnswerRow[]>;
  /** By id; `hours` and `file` are alike until somebody changes them. */
  readonly schedules: Map<string, StoredSchedule>;
  /** When surveys are asked, as `config().surveys` has it. */
  readonly setups: Map<string, SurveySetup>;
  failures: HookFailure[];
  config: ConfigOverview;
  /** What an agent asks; `code` is what he hears instead. */
  answer(
    path: string,
    body: Record<string, unknown>,
    agent: CastAgent,
  ): { status: number; code: 'forbidden' | 'not-found' | 'changed-meanwhile' } | { status: 200; body: object };
}

const FORBIDDEN = { status: 403, code: 'forbidden' } as const;
const NOT_FOUND = { status: 404, code: 'not-found' } as const;
const CHANGED = { status: 409, code: 'changed-meanwhile' } as const;
const AS_IN_THE_FILE = { from: 'file', revision: null, changedAt: null, changedBy: null } as const;
const TIME = /^\d\d:\d\d$/;
const VALUE = /\{\{(ask:)?([^{}|]+)(?:\|([^{}]*))?\}\}/g;

/** A stored reply of a test: only what it is about needs to be said. */
function storedReply(id: string, content: ReplyContent, agent: string | null): StoredReply {
  return {
    variables: [],
    attachments: [],
    tags: [],
    ...content,
    id,
    usage: { uses: 0, lastUsedAt: null, resolved: 0, csat: { sum: 0, n: 0 } },
    validity: 'valid',
    reviewDue: false,
    mayEdit: true,
    updatedAt: 0,
    updatedBy: agent,
  };
}

function fill(text: string, values: Readonly<Record<string, string>>): { text: string; missing: AskedReplyValue[] } {
  const missing: AskedReplyValue[] = [];
  const filled = text.replace(VALUE, (_all, ask: string | undefined, written: string, usual: string | undefined) => {
    const name = `${ask ?? ''}${written.trim()}`;
    const value = (Object.hasOwn(values, name) ? values[name] : undefined) || usual;
    if (value) return value;
    missing.push({ name, ask: written.trim(), required: true, default: '' });
    return `[${written.trim()}]`;
  });
  return { text: filled, missing };
}

const bodyOf = ({ body }: StoredReply): [locale: string, text: string] => Object.entries(body)[0] ?? ['en', ''];

function hitOf(reply: StoredReply, query: string): ReplyHit {
  const [locale, source] = bodyOf(reply);
  const { text, missing } = fill(source, {});
  const { id, shortcut, title, scope, tags } = reply;
  const why =
    query === '' ? 'usual' : shortcut === query ? 'shortcut' : shortcut.startsWith(query) ? 'shortcut-start' : 'words';
  return {
    ...{ id, shortcut, title, scope, tags, locale, why, marks: [], preview: text, missing },
    text: missing.length === 0 ? text : null,
  };
}

export function createFakeDeskData(): FakeDeskData {
  const replies: FakeDeskData['replies'] = new Map();
  const used: string[] = [];
  let made = 0;
  const all = () => [...replies.values()].sort((a, b) => (a.title < b.title ? -1 : 1));

  function save({ id, ...content }: ReplyContent & { id?: string }, agent: CastAgent) {
    if (id !== undefined && !replies.has(id)) return NOT_FOUND;
    if (content.scope.kind !== 'me' && agent.role === 'agent') return FORBIDDEN;
    const twin = all().find((one) => one.shortcut === content.shortcut && one.id !== id);
    if (twin !== undefined) {
      const problem = {
        path: 'shortcut',
        problem: `"${twin.title}" has this shortcut already.`,
        fix: 'Choose another one.',
      };
      return { status: 200, body: { ok: false, problems: [problem] } } as const;
    }
    const reply = storedReply(id ?? `reply-${++made}`, content, agent.id);
    replies.set(reply.id, reply);
    return { status: 200, body: { ok: true, reply } } as const;
  }

  const schedules: FakeDeskData['schedules'] = new Map();
  const setups: FakeDeskData['setups'] = new Map();
  const changeBy = (agent: CastAgent) =>
    ({ from: 'desk', revision: `revision-${++made}`, changedAt: 0, changedBy: agent.id, state: 'used' }) as const;
  const seenBy = <One extends { mayEdit: boolean }>(one: One, agent: CastAgent): One => ({
    ...one,
    mayEdit: agent.role !== 'agent',
  });

  function saveSchedule(id: string, hours: OpeningHours, agent: CastAgent) {
    const wrong = Object.entries(hours.week).find(([, spans]) =>
      spans?.some((span) => !span.every((at) => TIME.test(at))),
    );
    if (wrong !== undefined) {
      const problem = { path: `week.${wrong[0]}`, problem: 'This is no time of day.', fix: 'Write HH:MM.' };
      return { status: 200, body: { ok: false, problems: [problem] } } as const;
    }
    const before = schedules.get(id);
    const file = before?.file ?? null;
    const schedule: StoredSchedule = { id, ...changeBy(agent), hours, file, problems: [], mayEdit: true };
    schedules.set(id, schedule);
    return { status: 200, body: { ok: true, schedule } } as const;
  }

  function configure(before: SurveySetup, part: Partial<SurveySettings>, agent: CastAgent) {
    if (part.sample !== undefined && !(part.sample > 0 && part.sample <= 1)) {
      const problem = { path: 'sample', problem: 'A share is above 0 and at most 1.', fix: '' };
      return { status: 200, body: { ok: false, problems: [problem] } } as const;
    }
    const settings = before.settings && { ...before.settings, ...part };
    const changed = [...new Set([...before.changed, ...(Object.keys(part) as (keyof SurveySettings)[])])];
    const survey: SurveySetup = { ...before, ...changeBy(agent), settings, changed, mayEdit: true };
    setups.set(before.id, survey);
    return { status: 200, body: { ok: true, survey } } as const;
  }

  function resetSchedule(before: StoredSchedule) {
    if (before.revision === null) return NOT_FOUND;
    if (before.file === null) schedules.delete(before.id);
    else schedules.set(before.id, { ...before, ...AS_IN_THE_FILE, hours: before.file });
    return { status: 200, body: { schedule: schedules.get(before.id) ?? null } } as const;
  }

  function resetSurvey(before: SurveySetup) {
    if (before.revision === null) return NOT_FOUND;
    if (before.file === null) setups.delete(before.id);
    else setups.set(before.id, { ...before, ...AS_IN_THE_FILE, settings: before.file, changed: [] });
    return { status: 200, body: { survey: setups.get(before.id) ?? null } } as const;
  }

  const data: FakeDeskData = {
    schedules,
    setups,
    replies,
    used,
    surveys: [],
    answers: new Map(),
    failures: [],
    config: { version: '000000000000', loadedAt: 0, source: 'sveiki.config.ts', teams: [], schedules: [] },
    answer(path, body, agent) {
      const found = replies.get(String(body['id']));
      if (['surveys/list', 'surveys/answers', 'hooks/failures'].includes(path) && agent.role === 'agent')
        return FORBIDDEN;
      switch (path) {
        case 'replies/search': {
          const query = String(body['query']).toLowerCase().replace(/^\//, '');
          const hits = all().filter((one) =>
            [one.shortcut, one.title, bodyOf(one)[1]].some((text) => text.toLowerCase().includes(query)),
          );
          const limit = typeof body['limit'] === 'number' ? body['limit'] : 20;
          return { status: 200, body: { hits: hits.map((one) => hitOf(one, query)).slice(0, limit) } };
        }
        case 'replies/render': {
          if (found === undefined) return NOT_FOUND;
          const { text, missing } = fill(bodyOf(found)[1], body['values'] as Record<string, string>);
          return {
            status: 200,
            body: missing.length === 0 ? { ok: true, text } : { ok: false, missing, problems: [] },
          };
        }
        case 'replies/list':
          return { status: 200, body: { replies: all(), cursor: null } };
        case 'replies/save':
          return save(body['reply'] as ReplyContent, agent);
        case 'replies/remove':
          return replies.delete(String(body['id'])) ? { status: 200, body: {} } : NOT_FOUND;
        case 'replies/import': {
          const { cannedReplies } = JSON.parse(String(body['text'])) as {
            cannedReplies: (ReplyContent & { id?: string })[];
          };
          for (const { id = `reply-${++made}`, ...content } of cannedReplies)
            replies.set(id, storedReply(id, content, agent.id));
          return { status: 200, body: { saved: cannedReplies.length, problems: [] } };
        }
        case 'replies/export':
          return { status: 200, body: { text: JSON.stringify({ cannedReplies: all() }) } };
        case 'replies/used':
          if (found === undefined) return NOT_FOUND;
          used.push(`${found.id} ${String(body['conversation'])}`);
          return { status: 200, body: {} };
        case 'surveys/list':
          return { status: 200, body: { surveys: data.surveys } };
        case 'surveys/answers': {
          const query = body as unknown as SurveyAnswersQuery & { id: string };
          const rows = (data.answers.get(query.id) ?? []).filter(
            (row) =>
              (query.score === undefined || row.score === query.score) &&
              (query.agent === undefined || row.agent?.id === query.agent) &&
              (query.team === undefined || row.team?.id === query.team),
          );
          return { status: 200, body: { rows, cursor: null } };
        }
        case 'surveys/link':
          return { status: 200, body: { url: `https://relay.example/survey/#${String(body['ask'])}`, expiresAt: 0 } };
        case 'schedules/list':
          return { status: 200, body: { schedules: [...schedules.values()].map((one) => seenBy(one, agent)) } };
        case 'schedules/save':
        case 'schedules/reset':
        case 'surveys/configure':
        case 'surveys/reset': {
          const id = String(body['id']);
          const schedule = schedules.get(id);
          const setup = setups.get(id);
          const isOfSchedule = path.startsWith('schedules');
          if (agent.role === 'agent') return FORBIDDEN;
          if (path !== 'schedules/save' && (isOfSchedule ? schedule : setup) === undefined) return NOT_FOUND;
          if (((isOfSchedule ? schedule : setup)?.revision ?? null) !== body['revision']) return CHANGED;
          if (path === 'schedules/save') return saveSchedule(id, body['hours'] as OpeningHours, agent);
          if (path === 'schedules/reset') return schedule ? resetSchedule(schedule) : NOT_FOUND;
          if (setup === undefined) return NOT_FOUND;
          return path === 'surveys/reset' ? resetSurvey(setup) : configure(setup, body['settings'] as object, agent);
        }
        case 'hooks/failures':
          return { status: 200, body: { failures: data.failures } };
        case 'config':
          return {
            status: 200,
            body: { ...data.config, surveys: [...setups.values()].map((one) => seenBy(one, agent)) },
          };
        default:
          return NOT_FOUND;
      }
    },
  };
  return data;
}
