import { effect, signal } from '@preact/signals-core';
import { type Chat, ChatError, type Consent, type FormDefinition } from '@sveiki/sdk';
import type { FunctionComponent } from 'preact';
import type { More } from '../locales/more/more.ts';
import { moreWords } from '../locales/more/words.ts';
import { Live, live } from '../panel/live.ts';
import { Form } from '../questions/form.tsx';
import type { Paper, Raw } from '../questions/paper.ts';
import css from '../questions/questions.css';
import type { Scene } from '../talk/talk.tsx';
import type { Asked, ConsentStore } from './asked.ts';
import own from './consent.css';

/** What stands before a conversation until the visitor agreed, and what lets him take that back. */
export interface Gate {
  readonly _isClosed: { readonly value: boolean };
  readonly _View: FunctionComponent;
  readonly _Foot: FunctionComponent;
}

/** Of texts by language the one for `tag`, and its own tag. */
function inLanguage(
  texts: Readonly<Record<string, string>>,
  tag: string,
): [language: string, text: string] | undefined {
  const entries = Object.entries(texts);
  const fits = (name: string) => name.toLowerCase() === tag.toLowerCase();
  const base = (name: string) => name.toLowerCase().replace(/-.*/, '');
  return entries.find(([name]) => fits(name)) ?? entries.find(([name]) => base(name) === base(tag)) ?? entries[0];
}

/**
 * Holds back what the site wants consent for: what is sent, and in strict mode every line to the relay. `ask` asks the site again, when the relay says
 * that another text holds now.
 */
export function createGate(first: Asked, store: ConsentStore, ask: () => Promise<Asked | null>) {
  const asked = signal<Asked | null>(first);
  const given = signal<Consent | null>(store._read());
  /** How many have left: what one of them wanted is not done in the name of the next. */
  const left = signal(0);
  const isOpen = () => !asked.value || given.value?.version === asked.value.version;
  const whenOpen = () =>
    new Promise<void>((done, fail) => {
      const before = left.peek();
      let end: (() => void) | undefined;
      end = effect(() => {
        if (left.value !== before) fail(new ChatError('signed-out', 'This was discarded unsent.'));
        else if (isOpen()) done();
        else return;
        queueMicrotask(() => end?.());
      });
    });
  const give = (consent: Consent | null) => {
    store._write(consent);
    given.value = consent;
  };

  return {
    /** The chat, behind the gate. */
    _guard: (chat: Chat): Chat =>
      Object.assign(Object.create(chat) as Chat, {
        connect: () =>
          void (asked.peek()?.strict ? whenOpen() : Promise.resolve()).then(
            () => chat.connect(),
            () => {},
          ),
        send: async (...args: Parameters<Chat['send']>) => {
          await whenOpen();
          return chat.send(...args);
        },
        identify: async (identity: Parameters<Chat['identify']>[0]) => {
          if (asked.peek()?.strict) await whenOpen();
          return chat.identify(identity);
        },
        logout: async () => {
          left.value++;
          give(null);
          await chat.logout();
        },
      }),
    _start(scene: Scene): Gate {
      const { _model: model, _chat: chat } = scene;
      const words = signal<More | null>(null);
      const language = () => inLanguage(asked.value?.text ?? {}, model._tag.value);
      const isClosed = {
        get value() {
          return !isOpen();
        },
      };
      scene._wear(css);
      scene._wear(own);
      void moreWords(scene).then((found) =>
        scene._follow(() => {
          words.value = found.value;
        }),
      );

      /** He agreed: what he wrote meanwhile goes out as soon as it is known where to. */
      const agree = () => {
        const { version } = asked.peek() ?? { version: '' };
        give({ version, language: language()?.[0] ?? 'en' });
        for (const { key, error } of model._state.peek().entries)
          if (error?.code === 'consent-required') chat.retry(key);
        chat.connect();
      };
      let wantsToSend = false;
      const hold = () => {
        wantsToSend = true;
      };
      scene._follow(() => {
        // What one of them wanted to send is not sent for the next.
        left.value;
        if (isOpen()) {
          model._hold = null;
          if (wantsToSend && model._state.value.site) {
            wantsToSend = false;
            queueMicrotask(model._submit);
          }
        } else {
          wantsToSend = false;
          model._hold ??= hold;
        }
      });
      // Another tab agreed, or took it back.
      const onStorage = ({ key }: StorageEvent) => {
        if (key === store._key || key === null) given.value = store._read();
      };
      scene._follow(() => {
        addEventListener('storage', onStorage);
        return () => removeEventListener('storage', onStorage);
      });
      // Forgotten here, and by others who have the disk: what was agreed to went with it.
      scene._follow(() => {
        if (!model._state.value.visitor) given.value = store._read();
      });
      // The site has another text by now: only the relay knew. It is asked once for what it refused.
      let known = '';
      scene._follow(() => {
        const refused = model._state.value.entries
          .flatMap(({ key, error }) => (error?.code === 'consent-required' ? [key] : []))
          .join();
        if (!isOpen() || refused === known) return;
        known = refused;
        if (!refused) return;
        ask().then(
          (next) => {
            asked.value = next;
          },
          () => {
            known = '';
          },
        );
      });

      class View extends Live {
        readonly _answers = signal<Raw>({});
        readonly _problems = signal<Paper['_problems']['value']>([]);
        readonly _paper: Paper = {
          // Never ticked before somebody ticks it, and kept nowhere until then.
          _answers: this._answers,
          _problems: this._problems,
          _isAside: signal(false),
          _isTouched: () => false,
          _set: (field, value) => {
            this._answers.value = { [field]: value };
            this._problems.value = [];
          },
          _putAside: () => {},
          _forget: () => {},
        };
        _press = () => {};

        override componentDidMount() {
          model._hold = () => {
            hold();
            this._press();
          };
          scene._say(language()?.[1] ?? '');
        }
        override componentWillUnmount() {
          super.componentWillUnmount();
          if (model._hold) model._hold = hold;
        }
        _draw() {
          const more = words.value;
          const [tag, text] = language() ?? [];
          const link = inLanguage(asked.value?.link ?? {}, model._tag.value)?.[1];
          if (!more || !text) return <div class="log" />;
          const form = {
            id: 'consent',
            purpose: 'pre-chat',
            fields: [
              { kind: 'consent', id: 'agree', label: more.agree, required: true, ...(link ? { policy: link } : {}) },
            ],
          } as FormDefinition;
          return (
            <div class="log before">
              <Form
                scene={scene}
                words={words as { value: More } as never}
                form={form}
                paper={this._paper}
                onSubmit={() => {
                  agree();
                  scene._toField();
                }}
                control={(submit) => {
                  this._press = submit;
                }}
                title={
                  <p class="agreement" dir="auto" lang={tag}>
                    {text}
                  </p>
                }
                buttons={
                  <button type="submit" class="main">
                    {more.proceed}
                  </button>
                }
              />
            </div>
          );
        }
      }

      const isSure = signal(false);
      const isLeaving = signal(false);
      let isTurning = false;
      const turn = (next: boolean) => {
        isTurning = true;
        isSure.value = next;
      };
      /** The keyboard goes with what is asked. */
      const follow = (button: HTMLElement | null) => {
        if (!button || !isTurning) return;
        isTurning = false;
        button.focus();
      };
      const Foot = live(() => {
        const more = words.value;
        if (!more || !asked.value || (!model._state.value.conversation && !given.value)) return null;
        const withdraw = async () => {
          isLeaving.value = true;
          scene._toField();
          // However long it takes to say so, no page that comes after this one begins with it.
          store._write(null);
          const code = await chat.withdrawConsent().catch((error: ChatError) => error.code);
          isSure.value = isLeaving.value = false;
          // He was gone before: whoever is here now is somebody else, and stays.
          if (code === 'signed-out') give(null);
          else await chat.logout();
        };
        if (isLeaving.value) return <p class="strip">{more.kept}</p>;
        return (
          <div class="withdraw">
            {isSure.value ? (
              <>
                <p id="withdraw-hint">{more.withdrawHint}</p>
                <button type="button" aria-describedby="withdraw-hint" onClick={() => void withdraw()}>
                  {more.withdraw}
                </button>
                <button type="button" aria-describedby="withdraw-hint" ref={follow} onClick={() => turn(false)}>
                  {more.refuse}
                </button>
              </>
            ) : (
              <button type="button" ref={follow} onClick={() => turn(true)}>
                {more.withdraw}
              </button>
            )}
          </div>
        );
      });
      return { _isClosed: isClosed, _View: View as never, _Foot: Foot as never };
    },
  };
}
