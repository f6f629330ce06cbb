// A door of its own, fetched when the panel stands: nothing of the SDK but this gets in.
export { createChat } from '@sveiki/sdk';
export { startTalk } from './talk.tsx';
