import type { Clock } from '../clock.ts';
import type { Surroundings } from '../connection/surroundings.ts';
import type { ChatInside } from '../files/chat-files.ts';
import type { createToolCalls, ToolCalls, ToolTalk } from './tools.ts';
import type { Tool } from './types.ts';

/** The parts of a chat that those in here work with. */
interface Inside extends ChatInside {
  _page: Surroundings;
  _clock: Clock;
  _tools: ReadonlyMap<string, Tool>;
  _isShared(): boolean;
  _isLeader(): boolean;
  _post(kind: 'tool', talk: ToolTalk): void;
  _up: Parameters<typeof createToolCalls>[0]['_done'];
  _emit: Parameters<typeof createToolCalls>[0]['_emit'];
  _forget(): Promise<void>;
  /** Work for a message goes on, or not. */
  _check(isChecking: boolean): void;
}

export type More = ReturnType<typeof createMore>;

/** What few conversations need, each part fetched when one does: files, tools for bots, the visitor's own data, work that the relay asks for. */
export function createMore(inside: Inside) {
  let files: ReturnType<typeof import('../files/chat-files.ts').createChatFiles> | null = null;
  let calls: ToolCalls | null = null;
  let isProving = false;

  return {
    async _files() {
      const { createChatFiles } = await import('../files/chat-files.ts');
      files ??= createChatFiles(inside);
      // A chat that has ended meanwhile hears of nobody any more.
      if (!inside._isOver()) files._watch();
      return files;
    },
    _ownData: async () => (await import('../own-data/own-data.ts')).createOwnData(inside),
    async _calls(use: (calls: ToolCalls) => void) {
      const found = await import('./tools.ts');
      if (inside._isOver()) return;
      calls ??= found.createToolCalls({ ...inside, _tab: inside._newId(), _done: inside._up });
      use(calls);
    },
    /** The relay wants a little work before it takes a message. If that cannot be done here, the message goes out when the relay said. */
    async _prove(id: string, challenge: string) {
      inside._check(true);
      if (isProving) return;
      isProving = true;
      const proof = await import('../connection/prove.ts')
        .then(({ prove }) =>
          prove(inside._page, inside._clock, challenge, () => inside._isOver() || !inside._outbox._waits(id)),
        )
        .catch(() => null);
      isProving = false;
      inside._check(false);
      if (proof) inside._outbox._proved(id, proof);
    },
    _stop() {
      calls?._stop();
      files?._stop();
    },
  };
}
