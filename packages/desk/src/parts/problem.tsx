import { Icon } from './icon.tsx';

/** What went wrong, said at once; nothing while nothing did. */
export function Problem({ text, id }: { text: string | null; id?: string }) {
  if (text === null) return null;
  return (
    <p id={id} class="problem" role="alert">
      <Icon name="warning" size={16} />
      <span>{text}</span>
    </p>
  );
}
