import type { FileBlock } from '@sveiki/protocol';
import type { Author } from './log.ts';

/** What is known of a file, as far as sending it needs. */
interface Sendable {
  id: string;
  author: Author;
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  ready: boolean;
  sent: object | null;
}

/** The ids of the files that a message names. */
export function filesIn(message: object): string[] {
  if (!('blocks' in message)) return [];
  return (message.blocks as readonly { kind: string; id?: string }[]).flatMap(({ kind, id }) =>
    kind === 'file' && id !== undefined ? [id] : [],
  );
}

/** The file as it stands in a message; null when it is not this author's, not whole, or sent already. @see SPEC [U1] */
export function sendable(file: Sendable, author: Author): FileBlock | null {
  if (file.author !== author || !file.ready || file.sent !== null) return null;
  const { id, name, type, size, width, height } = file;
  return {
    kind: 'file',
    ...{ id, text: name, name, type, size },
    ...(width === null || height === null ? {} : { width, height }),
  };
}
