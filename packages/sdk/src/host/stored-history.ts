/**
 * Whether an earlier visit to this origin left a session or unsent messages of `site`: a reason for a launcher to load the panel without being
 * asked. Reads one key and imports nothing, so that a launcher may use it without the rest.
 */
export function storedHistory(site: string): boolean {
  try {
    return localStorage.getItem(`sveiki:${site}:session`) !== null;
  } catch {
    return false;
  }
}
