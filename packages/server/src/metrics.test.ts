import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('can be read as Prometheus text', async () => {
    const metrics = createMetrics();
    metrics.sessions('visitor', 1);
    metrics.sessions('visitor', 1);
    metrics.sessions('visitor', -1);
    metrics.framesIn('send');
    metrics.framesOut('event', 3);
    metrics.commands('send', 'done');
    metrics.commands('send', 'not-owner');
    metrics.ackMs(3);
    metrics.commitMs(7, 2);
    metrics.commitFailed('storage-full');
    metrics.queueDepth(4);
    metrics.openConversations(9);
    metrics.closes(4411);
    metrics.dropped(2);
    metrics.refused('origin');
    metrics.hookRun('crm', 'late', 300);
    const { type, text } = await metrics.page();
    expect(type).toMatch(/^text\/plain/);
    for (const line of [
      'sveiki_sessions{role="visitor"} 1',
      'sveiki_frames_in_total{type="send"} 1',
      'sveiki_frames_out_total{type="event"} 3',
      'sveiki_commands_total{type="send",outcome="done"} 1',
      'sveiki_commands_total{type="send",outcome="not-owner"} 1',
      'sveiki_ack_milliseconds_count 1',
      'sveiki_commit_events_sum 7',
      'sveiki_commit_milliseconds_sum 2',
      'sveiki_commit_failures_total{why="storage-full"} 1',
      'sveiki_queue_conversations 4',
      'sveiki_open_conversations 9',
      'sveiki_closes_total{code="4411"} 1',
      'sveiki_dropped_frames_total 2',
      'sveiki_refused_total{what="origin"} 1',
      'sveiki_hook_runs_total{hook="crm",outcome="late"} 1',
      'sveiki_hook_milliseconds_sum{hook="crm"} 300',
      'sveiki_process_resident_memory_bytes',
    ]) {
      expect(text).toContain(line);
    }
  });
});
