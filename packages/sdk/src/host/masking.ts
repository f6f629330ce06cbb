import { createMask, type OutgoingBlock, type SiteInfo } from '@sveiki/protocol';

/** What every relay hides where its configuration says nothing else. */
const usual = { kinds: ['card', 'cvv', 'key', 'private-key'] };

/** Hides in texts what the relay would hide before it stores them; the same list when there is nothing. Fetched when a text looks like it. */
export function maskBlocks(blocks: OutgoingBlock[], settings: SiteInfo['masking'] = usual): OutgoingBlock[] {
  const mask = createMask(settings);
  const masked = blocks.map((block) => {
    const { text, hidden } = mask(block.text);
    return hidden.length > 0 ? { ...block, text } : block;
  });
  return masked.some((block, i) => block !== blocks[i]) ? masked : blocks;
}
