import { useEffect } from 'preact/hooks';
import type { Desk } from '../models/desk.ts';
import { useNoStrayFiles } from '../parts/attachments.tsx';
import { DeskContext } from '../parts/desk-context.ts';
import { SignIn, Starting } from './sign-in.tsx';
import { Workspace } from './workspace.tsx';

export function App({ desk }: { desk: Desk }) {
  const stage = desk.session.stage.value;
  const { theme, compact } = desk.settings.settings.value;
  useEffect(() => {
    const { dataset } = document.documentElement;
    dataset['theme'] = theme;
    dataset['density'] = compact ? 'compact' : 'roomy';
  }, [theme, compact]);
  useNoStrayFiles();
  return (
    <DeskContext.Provider value={desk}>
      {stage === 'signed-in' ? <Workspace /> : stage === 'signed-out' ? <SignIn /> : <Starting />}
    </DeskContext.Provider>
  );
}
