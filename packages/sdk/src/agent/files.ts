import type { Clock } from '../clock.ts';
import { createFilesDoor } from '../files/door.ts';
import { createLinks, type FileLink } from '../files/links.ts';
import { startUpload, type Upload, type Uploadable } from '../files/upload.ts';

/** Files that staff sends and reads. */
export interface AgentFiles {
  /** Begins to upload a file that will be sent in this conversation, by a block of `Agent.send` or `note`: `upload.file`. */
  upload(conversation: string, file: Uploadable): Upload;
  /** Where a file can be seen or fetched for some minutes, in this browser only. @throws {ChatError} no-such-file */
  link(id: string): Promise<FileLink>;
}

export function createAgentFiles(parts: {
  server: string;
  fetch: typeof fetch;
  clock: Clock;
  random: () => number;
}): AgentFiles & {
  /** Somebody else may come: a link opens nothing for others than who asked for it. */
  _forget(): void;
} {
  const { server, clock, random } = parts;
  const base = `${server}/desk/api/files`;
  const doorTo = (said: object) =>
    createFilesDoor({
      _fetch: parts.fetch,
      _create: `${base}/create`,
      _base: base,
      _said: said,
      _headers: async () => ({}),
    });
  // Only the beginning of an upload names a conversation.
  const plain = doorTo({});
  let link = createLinks(server, plain, clock);
  return {
    upload: (conversation, file) =>
      startUpload(file, {
        _door: { ...plain, _begin: doorTo({ conversation })._begin },
        _clock: clock,
        _random: random,
      }),
    link: (id) => link(id),
    _forget() {
      link = createLinks(server, plain, clock);
    },
  };
}
