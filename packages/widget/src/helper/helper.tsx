import type { FunctionComponent } from 'preact';
import { moreWords } from '../locales/more/words.ts';
import type { Scene } from '../talk/talk.tsx';
import { Blocks } from './blocks.tsx';
import { Consent, consentLine } from './consent.tsx';
import css from './helper.css';
import { Person, personLine } from './person.tsx';

/** What bots bring with them. */
export interface Helper {
  /** The way to a person. */
  readonly _Person: FunctionComponent;
  /** Asks whether a bot may use a tool of the page. */
  readonly _Consent: FunctionComponent;
  /** Cards and answers that need one tap. */
  readonly _Blocks: FunctionComponent<{ blocks: unknown; isNewest: boolean | undefined }>;
}

export async function start(scene: Scene): Promise<Helper> {
  const words = await moreWords(scene);
  const { _state: state, _isOpen: isOpen } = scene._model;
  scene._wear(css);
  // Each change is said once, to whoever has the panel open. What was so when this came is news too: it came because of it.
  const tell = (lineOf: () => string) => {
    let said = '';
    scene._follow(() => {
      const line = lineOf();
      if (!isOpen.value) return;
      if (line && line !== said) scene._say(line);
      said = line;
    });
  };
  tell(() => personLine(state.value, words.value));
  tell(() => consentLine(scene, words.value));
  return {
    _Person: () => <Person scene={scene} words={words} />,
    _Consent: () => <Consent scene={scene} words={words} />,
    _Blocks: (props) => <Blocks scene={scene} words={words} {...props} />,
  };
}
