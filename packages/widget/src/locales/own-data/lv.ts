import type { OwnWords } from './own-words.ts';

export const ownData: OwnWords = {
  hint: 'To, kas šeit par jums glabājas, varat saņemt un dzēst.',
  download: 'Lejupielādēt manus datus',
  downloaded: 'Jūsu dati ir lejupielādēti.',
  erase: 'Dzēst manus datus',
  eraseHint: 'Viss, kas šeit teikts un sūtīts, tiek dzēsts pavisam – šajā ierīcē un pie mums. To nevar atsaukt.',
  eraseAll: 'Dzēst visu',
  keep: 'Paturēt',
  erasing: 'Jūsu dati tiek dzēsti.',
  nothingKept: 'Par jums nekas netiek glabāts.',
  failed: 'Tas neizdevās. Mēģiniet vēlreiz vēlāk.',
};
