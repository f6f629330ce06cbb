import { existsSync } from 'node:fs';

const systemBrowsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Launch options for playwright-core's `chromium.launch`: $CHROMIUM, a Chromium of the system, or the build that an npm
 * package carries (Linux x64).
 *
 * @returns {Promise<{ executablePath?: string, args: string[] }>}
 */
export async function chromiumLaunch() {
  const system = [process.env.CHROMIUM, ...systemBrowsers].find((path) => path && existsSync(path));
  if (system) return { executablePath: system, args };
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { default: carried } = await import('@sparticuz/chromium');
    return {
      executablePath: await carried.executablePath(),
      args: [...carried.args.filter((a) => a !== '--single-process'), ...args],
    };
  }
  throw new Error('No Chromium found. Install one, or set CHROMIUM to the path of its program.');
}
