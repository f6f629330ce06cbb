/** Launch options for playwright-core's `chromium.launch`: $CHROMIUM, a Chromium of the system, or npm's (Linux x64). */
export function chromiumLaunch(): Promise<{ executablePath?: string; args: string[] }>;
