import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Assets, loadAssets, sendAsset } from './assets.ts';

/** Where the build put widget, desk and shop: beside the bundled program, or where it would be when this runs from its sources. */
export function builtFolder(): string {
  const beside = fileURLToPath(new URL('./public/', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../../dist/public/', import.meta.url));
}

export interface Pages {
  /** Answers the request when its path is a file of ours; false when it is not. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** What is missing, in words, for whoever starts the relay. */
  readonly missing: readonly string[];
}

/** Serves the widget to every site, the desk to its own origin, and in the demo the shop. */
export function createPages(options: { folder: string; deskOrigins: readonly string[]; hasShop: boolean }): Pages {
  const { folder, deskOrigins, hasShop } = options;
  const widget = loadAssets(join(folder, 'widget'));
  const desk = loadAssets(join(folder, 'desk'));
  const survey = loadAssets(join(folder, 'widget', 'survey'));
  const shop: Assets = hasShop ? loadAssets(join(folder, 'shop')) : new Map();
  const sockets = deskOrigins.map((origin) => origin.replace(/^http/, 'ws')).join(' ');
  const own = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
  };
  const policy = (...rules: string[]) =>
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self' ${sockets}`,
      ...rules,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; ');
  const deskHeaders = {
    ...own,
    'content-security-policy': policy("img-src 'self' data:", "font-src 'self'", "manifest-src 'self'"),
  };
  const surveyHeaders = { ...own, 'content-security-policy': policy() };
  const shopHeaders = { ...own, 'content-security-policy': policy("img-src 'self'") };
  const widgetHeaders = {
    // A module of another origin is only run when it may be read.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'timing-allow-origin': '*',
    'cache-control': 'public, max-age=300, stale-while-revalidate=86400, stale-if-error=2592000',
  };

  const missing = [
    ...(widget.has('widget.js') ? [] : ['the widget (widget.js)']),
    ...(desk.has('index.html') ? [] : ['the desk (desk/)']),
    ...(survey.has('index.html') ? [] : ['the page of surveys (widget/survey/)']),
    ...(hasShop && !shop.has('index.html') ? ['the shop (shop/)'] : []),
  ];

  return {
    missing,
    serve(request, response, path) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      if (path === '/') return redirect(response, hasShop ? '/shop/' : '/desk/');
      if (path === '/desk') return redirect(response, '/desk/');
      if (path.startsWith('/desk/')) {
        const name = path.slice('/desk/'.length);
        if (/^(?:api|stream|frames|socket)(?:\/|$)/.test(name)) return false;
        // Every other path below is a screen of the desk, which finds its way by itself; a missing file stays missing.
        const asset = desk.get(name) ?? (/\.[a-z0-9]+$/i.test(name) ? undefined : desk.get('index.html'));
        if (asset === undefined) return false;
        sendAsset(request, response, asset, deskHeaders);
        return true;
      }
      if (path.startsWith('/survey/')) {
        const asset = survey.get(path.slice('/survey/'.length) || 'index.html');
        if (asset === undefined) return false;
        sendAsset(request, response, asset, surveyHeaders);
        return true;
      }
      if (hasShop && path === '/shop') return redirect(response, '/shop/');
      if (hasShop && path.startsWith('/shop/')) {
        const name = path.slice('/shop/'.length);
        const asset = shop.get(name === '' || name.endsWith('/') ? `${name}index.html` : name);
        if (asset === undefined) return false;
        sendAsset(request, response, asset, shopHeaders);
        return true;
      }
      const asset = path === '/widget.js' || path.startsWith('/chunks/') ? widget.get(path.slice(1)) : undefined;
      if (asset === undefined) return false;
      sendAsset(request, response, asset, widgetHeaders);
      return true;
    },
  };
}

function redirect(response: ServerResponse, location: string): true {
  response.writeHead(302, { location, 'cache-control': 'no-store', 'content-length': 0 }).end();
  return true;
}
