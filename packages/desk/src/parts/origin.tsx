import type { StoredSchedule, SurveySetup } from '@sveiki/sdk/agent';
import { fullTime, pastAge } from '../models/times.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';

const words = texts.origin;

/** Whether the file or somebody here has the say, who and since when. */
export function Origin({ of }: { of: StoredSchedule | SurveySetup }) {
  const { state, now, around } = useDesk();
  if (of.changedAt === null) return <span class="hint">{words.file}</span>;
  const by = state.value.agents.find(({ id }) => id === of.changedBy)?.name ?? of.changedBy ?? '';
  const when = pastAge(of.changedAt, now.value, around.timeZone).words;
  return (
    <>
      {of.state !== 'used' && <span class="tag warn">{words[of.state]}</span>}{' '}
      <span class="hint" title={fullTime(of.changedAt, around.timeZone)}>
        {of.file === null && of.state !== 'retired' ? words.made(when, by) : words.changed(when, by)}
      </span>
    </>
  );
}
