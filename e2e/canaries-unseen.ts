/**
 * Fields that the relay sends to a browser and that stand on none of its screens, with the reason. Everything else that comes to a browser must be seen on a screen while that is
 * visited: a new field fails the test until its screen is visited, or it is named here.
 */
export const UNSEEN: { desk: Record<string, string>; widget: Record<string, string> } = {
  desk: {
    'ask what.form.fields.*': 'agents see the title of a form and what was answered',
    'ask what.form.submit': 'a button of the visitor',
    'ask what.form.submit.en': 'a button of the visitor',
    'ask what.form.thanks': 'words to the visitor',
    'ask what.form.thanks.en': 'words to the visitor',
    'config forms.fields.*': 'as with every form',
    'config forms.submit': 'a button of the visitor',
    'config forms.thanks.en': 'words to the visitor',
    'config forms.id': 'a name for programs',
    'config bots.id': 'a name for programs',
    'config wrapUpCodes.id': 'a name for programs',
    'config sites.contact.email': 'for visitors',
    'config sites.contact.url': 'for visitors',
    'config sites.topics': 'for visitors',
    'draft blocks.*': 'a newer draft takes the place of an older one, before anybody looked',
    'call-tool tool': 'a tool that no page has; the log tells of it when nobody answered for a minute',
    'replies/save reply.attachments': 'names of files, for programs',
  },
  widget: {
    'answer answers.a': 'only the newest answers are kept in the fields',
    'ask what.form.id': 'a name for programs',
    'ask what.form.fields.default': 'a default is overwritten by what was answered',
    'ask what.form.fields.options.value': 'a name for programs',
    'ask what.form.fields.pattern': 'a rule',
    'ask what.form.fields.when.field': 'a rule',
    'ask what.form.fields.when.value': 'a rule',
    'ask what.form.thanks.en': 'said after an answer; `ask what.form.thanks` is',
    'call-tool tool': 'a tool that no page has',
    'config forms.title.en': 'the form of a team that is closed is not reached by this visit',
    'config teams.name': 'visitors see who answers',
  },
};

/** Parts of the widget that show nothing. */
export const SILENT_CHUNKS: Record<string, string> = {
  prove: 'does the work that the relay asks for',
  stream: 'carries frames where WebSockets are blocked',
};

/** Those that are neither seen nor named. */
export function unnamed(fields: readonly string[], names: Record<string, string>): string[] {
  const all = Object.keys(names);
  return fields.filter(
    (field) => !all.some((name) => (name.endsWith('*') ? field.startsWith(name.slice(0, -1)) : field === name)),
  );
}
