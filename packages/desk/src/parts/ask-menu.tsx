import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';
import { Popover } from './popover.tsx';

const words = texts.composer;

/** Forms and surveys of the configuration, to ask the visitor by hand. */
export function AskMenu() {
  const { setup, conversation, alerts } = useDesk();
  const asks = setup.asks.value;
  if (asks.length === 0 || conversation.footer.value !== 'reply') return null;

  async function ask(what: (typeof asks)[number], close: () => void) {
    close();
    if (await conversation.ask(what)) alerts.say(words.asked(what.title));
  }

  const groups = [
    { heading: words.askForms, of: asks.filter(({ survey }) => !survey) },
    { heading: words.askSurveys, of: asks.filter(({ survey }) => survey) },
  ];
  return (
    <Popover icon="form" label={words.ask}>
      {(close) =>
        groups.map(
          ({ heading, of }) =>
            of.length > 0 && (
              <div key={heading} class="ask-group">
                <h3 class="popover-heading">{heading}</h3>
                {of.map((what) => (
                  <button
                    key={what.id}
                    type="button"
                    class="button quiet ask-item"
                    onClick={() => void ask(what, close)}
                  >
                    <Icon name={what.survey ? 'star' : 'form'} size={16} />
                    <bdi>{what.title}</bdi>
                  </button>
                ))}
              </div>
            ),
        )
      }
    </Popover>
  );
}
