import type { FileWords } from './file-words.ts';

export const files: FileWords = {
  attach: 'Attach files',
  list: 'Files to send',
  added: '{0} is added.',
  remove: 'Remove {0}',
  progress: 'Upload of {0}',
  ready: '{0} is ready to send.',
  drop: 'Drop files here to send them',
  retry: 'Try again',
  picture: 'Picture {0}',
  download: 'Download {0}',
  tooMany: 'At most {0} files go with one message.',
  problems: {
    'too-large': 'This file is larger than {0}. Choose a smaller one.',
    'bad-file': 'Files of this kind are not taken here. Pictures, PDF, text and office files are.',
    'files-full': 'There is no room for more files in this conversation.',
    'no-such-file': 'The file is not there any more. Choose it again.',
    other: 'The file was not uploaded.',
  },
};
