import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Desk } from '../models/desk.ts';

export const DeskContext = createContext<Desk | null>(null);

/** The models, for every component inside the desk. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('This component needs a desk: put it inside <DeskContext.Provider>.');
  return desk;
}
