// A headless Chromium for browser tests: Debian's, or whatever CHROMIUM_PATH names.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { chromium } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @throws with what to install, where no Chromium is found */
export function chromiumPath(): string {
  const asked = process.env['CHROMIUM_PATH'];
  const found = asked ?? CANDIDATES.find((path) => existsSync(path));
  if (!found || !existsSync(found))
    throw new Error(
      `Browser tests need Chromium${asked ? `, and CHROMIUM_PATH (${asked}) is not a file` : ''}: install it (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH.`,
    );
  return found;
}

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** @param colorScheme what the pages are told the person prefers */
export async function openBrowser(
  colorScheme: 'light' | 'dark',
  viewport: { width: number; height: number },
): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'bulkhead-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    colorScheme,
    viewport,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
