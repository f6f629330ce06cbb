import type { Entry } from '@sveiki/sdk';
import type { FunctionComponent } from 'preact';
import { moreWords } from '../locales/more/words.ts';
import type { Scene } from '../talk/talk.tsx';
import { Before, createBefore } from './before.tsx';
import { createPaper, type Paper, type Raw } from './paper.ts';
import { Question } from './question.tsx';
import css from './questions.css';

/** Forms and surveys. */
export interface Questions {
  /** What is asked before the first message. */
  readonly _Before: FunctionComponent;
  /** What is asked in the conversation, at the place of its `asked` event. */
  readonly _Question: FunctionComponent<{ entry: Entry }>;
}

export async function start(scene: Scene): Promise<Questions> {
  const words = await moreWords(scene);
  scene._wear(css);
  const before = createBefore(scene);
  const papers = new Map<string, Paper>();
  const paperOf = (id: string, known: Raw) => {
    const paper = papers.get(id) ?? createPaper(scene, id, known);
    papers.set(id, paper);
    return paper;
  };
  return {
    _Before: () => <Before scene={scene} words={words} before={before} />,
    _Question: ({ entry }) => <Question scene={scene} words={words} entry={entry} paperOf={paperOf} />,
  };
}
