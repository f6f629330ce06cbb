import type { OwnWords } from './own-words.ts';

export const ownData: OwnWords = {
  hint: 'ما نحتفظ به عنك هنا يمكنك الحصول عليه أو حذفه.',
  download: 'تنزيل بياناتي',
  downloaded: 'تم تنزيل بياناتك.',
  erase: 'حذف بياناتي',
  eraseHint: 'كل ما قيل وأُرسل هنا يُحذف نهائيًا من هذا الجهاز ومن عندنا. لا يمكن التراجع عن ذلك.',
  eraseAll: 'حذف كل شيء',
  keep: 'الإبقاء عليها',
  erasing: 'يجري حذف بياناتك.',
  nothingKept: 'لا نحتفظ بأي شيء عنك.',
  failed: 'لم ينجح ذلك. حاول لاحقًا.',
};
