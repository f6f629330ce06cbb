import { afterEach, expect, it, vi } from 'vitest';
import { consentStore } from './asked.ts';

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});
const agreed = { version: 'v1', language: 'en' };

it('keeps what was agreed to for the next page', () => {
  consentStore('shop', true)._write(agreed);
  expect(consentStore('shop', true)._read()).toEqual(agreed);
});

it('takes back what another tab took back, also where it was given', () => {
  const here = consentStore('shop', true);
  here._write(agreed);
  consentStore('shop', true)._write(null);
  expect(here._read()).toBeNull();
});

it('keeps it for the page where the page keeps nothing, or its browser does not let it', () => {
  const fleeting = consentStore('shop', false);
  fleeting._write(agreed);
  expect(fleeting._read()).toEqual(agreed);
  expect(localStorage.length).toBe(0);
  const full = consentStore('shop', true);
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Full', 'QuotaExceededError');
  });
  full._write(agreed);
  expect(full._read()).toEqual(agreed);
});

it('takes what makes no sense for nothing', () => {
  localStorage.setItem('sveiki:shop:consent', '{');
  expect(consentStore('shop', true)._read()).toBeNull();
});
