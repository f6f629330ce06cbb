import type { FileWords } from './file-words.ts';

export const files: FileWords = {
  attach: 'Pievienot failus',
  list: 'Sūtāmie faili',
  added: 'Fails {0} ir pievienots.',
  remove: 'Noņemt {0}',
  progress: '{0} augšupielāde',
  ready: 'Fails {0} ir gatavs sūtīšanai.',
  drop: 'Nometiet failus šeit, lai tos nosūtītu',
  retry: 'Mēģināt vēlreiz',
  picture: 'Attēls {0}',
  download: 'Lejupielādēt {0}',
  tooMany: 'Lielākais failu skaits vienā ziņā: {0}.',
  problems: {
    'too-large': 'Šis fails ir lielāks par {0}. Izvēlieties mazāku.',
    'bad-file': 'Šāda veida failus šeit nepieņem. Der attēli, PDF, teksts un biroja dokumenti.',
    'files-full': 'Šajā sarunā failiem vairs nav vietas.',
    'no-such-file': 'Faila vairs nav. Izvēlieties to vēlreiz.',
    other: 'Fails netika augšupielādēts.',
  },
};
