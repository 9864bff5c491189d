// The main job as a person sees it: subscribe in the chat window, switch an engine off in a file, see the alert, ask for status.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from '../support/chromium.ts';
import { openBrowser } from '../support/chromium.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = join(root, '.local/screenshots');

let work: string;
let started: ChildProcess;
let browser: Browser;
let addresses: { chat: string; api: string };

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  work = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-'));
  cpSync(join(root, 'infra/local/estate'), join(work, 'estate'), { recursive: true });
  const args = ['--estate', join(work, 'estate'), '--data', join(work, 'data'), '--port', '0', '--chat-port', '0'];
  started = spawn(process.execPath, ['--disable-warning=DEP0040', 'infra/local/start.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  addresses = await addressesOf(started);
  browser = await openBrowser('light', { width: 1200, height: 1200 });
});

afterAll(async () => {
  await browser?.close();
  if (started) {
    const exited = new Promise((resolve) => started.once('exit', resolve));
    started.kill('SIGTERM');
    await exited;
  }
  if (work) rmSync(work, { recursive: true, force: true });
});

async function addressesOf(child: ChildProcess): Promise<{ chat: string; api: string }> {
  let printed = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`npm start ended with code ${code}: ${printed}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const chat = /^Chat\s+(\S+)/m.exec(printed)?.[1];
      const api = /^Status\s+(\S+)\/status/m.exec(printed)?.[1];
      if (chat && api) resolve({ chat, api });
    });
  });
}

async function type(page: Page, text: string): Promise<void> {
  await page.locator('[contenteditable=true]').first().click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

const scanNow = async (): Promise<void> => {
  const response = await fetch(`${addresses.api}/scans`, { method: 'POST' });
  expect(response.status).toBe(202);
};

test('an engine switched off in a file raises an alert card that follows it, and status answers', async () => {
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  await page.goto(addresses.chat);
  await page.locator('[contenteditable=true]').first().waitFor();
  await type(page, 'subscribe');
  await page.getByText('subscribed this conversation: drift alerts come here from now on').first().waitFor();

  const file = join(work, 'estate/retail-production/shop-prod.json');
  const original = readFileSync(file, 'utf8');
  const body = JSON.parse(original) as { properties: { networkProfile: Record<string, unknown> } };
  body.properties.networkProfile['networkPolicy'] = 'none';
  delete body.properties.networkProfile['networkDataplane'];
  writeFileSync(file, JSON.stringify(body, null, 2));
  await scanNow();
  await page
    .getByText(/Network policy was switched off on shop-prod/)
    .first()
    .waitFor();
  await page
    .getByText(/az aks update --subscription .* -n shop-prod --network-dataplane cilium/)
    .first()
    .waitFor();
  await page.screenshot({ path: join(pictures, 'alert.png'), clip: { x: 0, y: 120, width: 860, height: 980 } });

  await page.getByRole('button', { name: /^Ack/ }).first().click();
  await page
    .getByText(/acknowledged by/i)
    .first()
    .waitFor();
  await page.screenshot({ path: join(pictures, 'acknowledged.png') });

  writeFileSync(file, original);
  await scanNow();
  await page
    .getByText(/resolved/i)
    .first()
    .waitFor();
  await page.screenshot({ path: join(pictures, 'resolved.png') });

  await type(page, 'status');
  await page
    .getByText(/of 18 clusters fail/)
    .first()
    .waitFor();
  await page.getByText('Subscription Finance could not be read', { exact: false }).first().waitFor();
  await page.screenshot({ path: join(pictures, 'status.png') });

  await type(page, 'status intranet');
  await page.getByText('intranet: fail').first().waitFor();
  expect(await page.getByText('engine-enabled').count()).toBeGreaterThan(0);
  await page.screenshot({ path: join(pictures, 'cluster.png') });
});
