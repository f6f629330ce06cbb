import { type SiteInfo, withTeams } from '@sveiki/protocol';
import { ownerOf } from '../../commands/directory.ts';
import { DEFAULT_PRIVACY } from '../../config-privacy.ts';
import type { Config, SiteConfig } from '../../config-types.ts';
import { openingAt } from '../../domain/business-hours.ts';
import type { Roster } from '../../engine/roster.ts';
import type { Clock, Store } from '../../ports.ts';

/** Replies looked at for "usually replies in", and how many there must be before anything is said. */
const REPLIES = 200;
const FEWEST_REPLIES = 5;
const MAX_FACES = 3;

/** What each site shows before anybody answers, kept ready. */
export interface SiteInfos {
  of(site: string): SiteInfo;
  /** Computes anew; returns the sites whose info changed. */
  refresh(): Promise<string[]>;
}

export async function createSiteInfos(parts: {
  config: Config;
  roster: Roster;
  store: Store;
  clock: Clock;
}): Promise<SiteInfos> {
  const { config, roster, store, clock } = parts;
  const infos = new Map<string, { text: string; info: SiteInfo }>();

  async function refresh(): Promise<string[]> {
    const replies = (await store.recentFirstReplies(REPLIES)).toSorted((a, b) => a - b);
    const usualReplyMs = replies.length < FEWEST_REPLIES ? null : (replies[Math.floor(replies.length / 2)] ?? null);
    return config.sites.flatMap((site) => {
      const info = {
        ...infoOf(site, roster, clock.now(), usualReplyMs),
        ...formsOf(site, config),
        ...filesOf(config),
        ...maskingOf(config),
      };
      const text = JSON.stringify(info);
      if (infos.get(site.key)?.text === text) return [];
      infos.set(site.key, { text, info });
      return [site.key];
    });
  }

  await refresh();
  return {
    of(site) {
      const kept = infos.get(site);
      if (kept === undefined) throw new Error(`No such site: ${site}`);
      return kept.info;
    },
    refresh,
  };
}

/** What clients hide; what nobody changed they know. */
function maskingOf({ privacy }: Config): Pick<SiteInfo, 'masking'> {
  const { kinds, own = [] } = privacy.masking;
  if (own.length === 0 && kinds.join() === DEFAULT_PRIVACY.masking.kinds.join()) return {};
  return {
    masking: {
      kinds: [...kinds],
      ...(own.length === 0 ? {} : { own: own.map(({ id, patterns }) => ({ id, patterns: [...patterns] })) }),
    },
  };
}

/** Whether visitors may send files, and how large. */
function filesOf({ files }: Config): Pick<SiteInfo, 'files'> {
  return files.visitors ? { files: { maxBytes: files.maxFileBytes } } : {};
}

/** What is asked before the first message, ready to be shown. */
function formsOf({ preChat, offline }: SiteConfig, { forms, teams }: Config): Pick<SiteInfo, 'preChat' | 'offline'> {
  const find = (id: string | undefined) => {
    const form = forms.find((one) => one.id === id);
    return form === undefined ? undefined : withTeams(form, teams);
  };
  const [before, away] = [find(preChat), find(offline)];
  return { ...(before === undefined ? {} : { preChat: before }), ...(away === undefined ? {} : { offline: away }) };
}

function infoOf(site: SiteConfig, roster: Roster, now: number, usualReplyMs: number | null): SiteInfo {
  const hours =
    site.schedule === undefined ? { open: true, opensAt: null, closesAt: null } : openingAt(site.schedule, now);
  // The bot of this site answers; those of other sites are nobody here.
  const there = roster
    .profiles()
    .filter(({ id, role }) => roster.agent(id)?.available === true && (role !== 'bot' || id === site.bot));
  return {
    name: site.name,
    // Whoever is there answers, whatever the hours say.
    availability: there.length > 0 ? 'online' : hours.open ? 'away' : 'closed',
    opensAt: hours.opensAt,
    closesAt: hours.closesAt,
    usualReplyMs,
    faces: there.slice(0, MAX_FACES).map(ownerOf),
    topics: site.topics ?? [],
    ...(site.paused === true ? { paused: true } : {}),
    ...(site.contact === undefined ? {} : { contact: site.contact }),
  };
}
