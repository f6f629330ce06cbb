/** Words that say how one asks, not what: they stand in every question and find nothing. */
const fillers: { readonly [language: string]: ReadonlySet<string> } = Object.fromEntries(
  Object.entries({
    en: 'a an and any are as at be can could did do does for from get give good had has have hello help hey hi how i if in is it its just know let like me much my need no not of off on or our please shall should so some tell thank thanks that the their them then there these they this to up us want was we were what when where which who why will with would yes you your',
    ru: 'а бы был была быть в вам вас вы да для до добрый день его ее если есть еще же здравствуйте и из или их к как какая какие какой когда кто ли мне мой моя мы на надо не нет но ну нужно о об он она они от по пожалуйста помогите подскажите почему при привет с сколько скажите спасибо так там то тот у уже хочу чем что чтобы это я',
    lv: 'ar arī bet būt cik esmu es gribu ir ja jau jā jūs jūsu ka kad kas kā kāda kāds kādi kāpēc kur kura kurš labdien lai lūdzu man mana mans mēs ne nav no nu pa palīdziet par paldies pie sakiet sveiki tā tad tas te to uz un vai var varat varētu vēlos',
    de: 'aber als am an auch auf aus bei bin bitte brauche das dass dem den der des die du ein eine einem einen einer er es für guten hallo habe haben hat ich ihr ihre im in ist ja kann kein können man mein meine mich mir mit möchte nach nicht noch nur ob oder sein sich sie sind so tag und uns von wann war warum was wenn wer wie will wir wird wo wollen zu zum zur',
    es: 'a al buenas buenos como cuando cuanto cuál cómo cuándo cuánto de del donde dónde días el ella en entonces es esta este está favor gracias ha hay hola la las le lo los me mi mis mucho muy más necesito no nos o para pero por porque puede puedo pueden que quiero qué quién se sea ser si sin sobre son su sus sí también te tengo tiene tienen tu un una usted y ya yo',
    ar: 'أن أنا أي أين أو إلى إذا التي الذي السلام الى بعد ثم شكرا عليكم على عن عند في فضلك قد كان كم كيف لا لدي لكن لم لماذا ليس ما متى مرحبا مع من من هذا هذه هل هو هي و يا يمكن يمكنني أريد اريد',
  }).map(([language, words]) => [language, new Set(words.split(' '))]),
);

/**
 * What a question asks about: its words without those of asking, for `language` and for English, which people mix in. The whole question when nothing
 * else is left.
 */
export function whatIsAsked(question: string, language: string | null): string {
  const base = (language ?? 'en').split('-')[0]?.toLowerCase() ?? 'en';
  const own = Object.hasOwn(fillers, base) ? fillers[base] : undefined;
  const words = question.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  const kept = words.filter((word) => {
    const plain = word
      .toLowerCase()
      .replace(/['’].*$/, '')
      .replaceAll('ё', 'е');
    return !own?.has(plain) && !fillers['en']?.has(plain);
  });
  return kept.length > 0 ? kept.join(' ') : question;
}
