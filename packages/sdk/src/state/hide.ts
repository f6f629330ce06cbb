import type { OutgoingBlock, SiteInfo } from '@sveiki/protocol';

type MaskBlocks = typeof import('../host/masking.ts').maskBlocks;
let maskBlocks: MaskBlocks | undefined;
let waiting: (() => void)[] | undefined;

/** The blocks as the relay will store them; null while the code that hides is fetched, which calls `again`. */
export function hide(
  blocks: OutgoingBlock[],
  settings: SiteInfo['masking'],
  again: () => void,
): OutgoingBlock[] | null {
  if (maskBlocks) return maskBlocks(blocks, settings);
  const isFetching = !!waiting;
  waiting = [...(waiting ?? []), again];
  if (isFetching) return null;
  const come = (found: MaskBlocks) => {
    maskBlocks = found;
    for (const run of waiting?.splice(0) ?? []) run();
  };
  import('../host/masking.ts').then(
    (found) => come(found.maskBlocks),
    // Whoever cannot fetch it sends as it is: the relay hides the same before it stores anything.
    () => come((same) => same),
  );
  return null;
}
