/**
 * What is written into the audit log, and what each line means. An action that is not here cannot be noted; whoever brings a new one adds a line.
 * Names are `thing.what-became-of-it`.
 */
export const AUDIT_ACTIONS = {
  'agent.signed-in': 'Signed in',
  'agent.sign-in-failed': 'A sign-in failed',
  'agent.signed-out': 'Signed out',
  'agent.added': 'Added an account',
  'agent.link-made': 'Made a sign-in link',
  'agent.password-set': 'Set a password',
  'agent.deactivated': 'Took all rights of an account away',
  'sessions.ended': 'Ended every session',
  'reply.saved': 'Changed a canned reply',
  'reply.removed': 'Removed a canned reply',
  'replies.imported': 'Imported canned replies',
  'replies.exported': 'Exported canned replies',
  'schedule.saved': 'Changed a schedule',
  'schedule.reset': 'Set a schedule back',
  'survey.changed': 'Changed a survey',
  'survey.reset': 'Set a survey back',
  'survey.link-made': 'Made a link to a survey',
  'survey.answers-read': 'Read answers to a survey',
  'conversation.opened': 'Opened a conversation',
  'file.opened': 'Opened a file',
  'person.history-read': 'Read what a person wrote before',
  'person.found': 'Found a person',
  'person.exported': 'Exported what is kept about a person',
  'person.erasure-asked': 'Asked that a person be forgotten',
  'person.erased': 'Forgot a person',
  'retention.run': 'Took out what was kept long enough',
  'block.made': 'Blocked somebody',
  'block.lifted': 'Lifted a block',
  'audit.read': 'Read the audit log',
  'audit.exported': 'Exported the audit log',
  'key.rotated': 'Changed a key',
  'configuration.loaded': 'Loaded another configuration',
  'backup.made': 'Made a backup',
} as const satisfies Record<string, string>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
