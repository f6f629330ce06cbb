/** The oldest Node that the relay runs on: the database driver and the tools of `package.json` need it. */
const OLDEST = [22, 14] as const;

/** Why this Node cannot run the relay, in one sentence; null when it can. Asked before anything is imported that would crash instead. */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `Sveiki needs Node ${OLDEST.join('.')} or newer, and this is Node ${version.replace(/^v/, '')}: install a newer one from https://nodejs.org.`;
}
