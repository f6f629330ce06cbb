import type { OwnWords } from './own-words.ts';

export const ownData: OwnWords = {
  hint: 'What is kept about you here is yours to have and to delete.',
  download: 'Download my data',
  downloaded: 'Your data is downloaded.',
  erase: 'Delete my data',
  eraseHint:
    'Everything that was said and sent here is deleted for good, on this device and with us. This cannot be undone.',
  eraseAll: 'Delete everything',
  keep: 'Keep it',
  erasing: 'Your data is being deleted.',
  nothingKept: 'Nothing is kept about you.',
  failed: 'That did not work. Try again later.',
};
