import { LIMITS, type OutgoingBlock } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';

/** What the frame around the blocks needs at most. */
const frameBytes = 512;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Refuses what the relay would refuse, before it is shown: a frame too large for the wire would only end the line. @throws {ChatError} empty-message, too-large */
export function checkBlocks(blocks: readonly OutgoingBlock[]): void {
  if (!blocks.some(({ text }) => text.trim()))
    throw new ChatError('empty-message', 'There is nothing in this message. Write something first.');
  if (
    blocks.length > LIMITS.maxBlocks ||
    blocks.some(({ text }) => bytesOf(text) > LIMITS.maxTextBytes) ||
    bytesOf(JSON.stringify(blocks)) > LIMITS.maxFrameBytes - frameBytes
  )
    throw new ChatError('too-large', 'This message is too long. Send it in parts.');
}
