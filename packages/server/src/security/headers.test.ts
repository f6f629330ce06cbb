import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BODIES } from '../gateway/http/desk-data.ts';
import { problemHeaders } from '../gateway/http/problem.ts';
import { SURVEY_BODIES } from '../gateway/http/survey-door.ts';
import { type OpenHouse, openHouse } from './open-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'sveiki-headers-'));
let house: OpenHouse;
beforeAll(async () => {
  for (const page of ['desk', 'widget/survey']) {
    mkdirSync(join(folder, page), { recursive: true });
    writeFileSync(join(folder, page, 'index.html'), '<!doctype html><title>Page</title>');
  }
  house = await openHouse({ publicFolder: folder });
});
afterAll(async () => {
  await house.server.stop();
  rmSync(folder, { recursive: true });
});

it('gives every page of the desk the same policy, with Trusted Types and none of them allowed', async () => {
  const socket = house.desk.replace('http', 'ws');
  for (const path of ['/desk/', '/desk/index.html', '/desk/no-such-screen', '/desk/a/b?c#d', '/desk/%3Cscript%3E']) {
    const response = await fetch(house.server.url + path);
    expect(response.status, path).toBe(200);
    expect(response.headers.get('content-security-policy'), path).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${socket}; img-src 'self' data:; font-src 'self'; ` +
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
  }
  const survey = await fetch(`${house.server.url}/survey/`);
  expect(survey.headers.get('content-security-policy')).toBe(
    `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${socket}; base-uri 'none'; form-action 'none'; ` +
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  );
});

it('answers everything else by something that is no page, whatever is asked of whichever door', async () => {
  const paths = [
    ...[
      '/',
      '/nothing',
      '/%ff',
      '/desk/none.js',

      '/survey/none',
      '/v1/files/none',
      '/files/a/b',
      '/metrics',
    ],
    ...['/desk/api/none', '/desk/socket', '/desk/stream', '/desk/frames', '/v1/socket', '/v1/stream', '/v1/frames'],
    ...Object.keys(BODIES).map((path) => `/desk/api/${path}`),
    ...Object.keys(SURVEY_BODIES).map((path) => `/survey/api/${path}`),
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const response = await fetch(house.server.url + path, {
        method,
        redirect: 'manual',
        headers: { accept: 'text/html' },
      });
      const where = `${method} ${path} ${response.status}`;
      await response.arrayBuffer();
      expect(response.headers.get('content-type') ?? 'none', where).not.toContain('html');
      if (response.status < 400) continue;
      expect(response.headers.get('content-type'), where).toBe('application/problem+json');
      expect(response.headers.get('x-content-type-options'), where).toBe('nosniff');
      expect(response.headers.get('content-security-policy'), where).toBe("default-src 'none'; frame-ancestors 'none'");
    }
  }
});

it.each([400, 404, 408, 413, 429, 500, 503])('keeps an answer with %i what it is', (status) => {
  expect(problemHeaders({ status, code: 'internal' })).toMatchObject({
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
});
