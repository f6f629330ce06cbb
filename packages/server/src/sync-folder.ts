import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes a rename durable. Windows cannot open folders; there the rename is all there is. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
