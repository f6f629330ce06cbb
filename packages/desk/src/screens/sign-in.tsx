import { useEffect, useRef, useState } from 'preact/hooks';
import { useDesk } from '../parts/desk-context.ts';
import { Mark } from '../parts/mark.tsx';
import { Problem } from '../parts/problem.tsx';
import { texts } from '../texts.ts';

const words = texts.signIn;

/** E-mail and password. Where a session has ended, it says so, and that the drafts are kept. */
export function SignIn() {
  const { session } = useDesk();
  const [isShown, setShown] = useState(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const problem = session.problem.value;
  const notice = session.notice.value;
  const isBusy = session.busy.value !== 'no';

  useEffect(() => email.current?.focus(), []);

  function submit(event: Event) {
    event.preventDefault();
    void session.signIn({ email: email.current?.value ?? '', password: password.current?.value ?? '' });
  }

  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={submit} noValidate>
        <Mark />
        <h1>{words.heading}</h1>
        <p class="hint">{words.intro}</p>
        {notice !== null && problem === null && (
          <p class="notice" role="status">
            {notice}
          </p>
        )}
        <Problem id="sign-in-problem" text={problem} />
        <label class="field">
          <span class="field-label">{words.email}</span>
          <input
            ref={email}
            type="email"
            name="email"
            autocomplete="username"
            inputMode="email"
            required
            aria-describedby={problem === null ? undefined : 'sign-in-problem'}
          />
        </label>
        <label class="field">
          <span class="field-label">{words.password}</span>
          <input
            ref={password}
            {...(isShown ? { type: 'text' as const } : { type: 'password' as const })}
            name="password"
            autocomplete="current-password"
            required
            aria-describedby={problem === null ? undefined : 'sign-in-problem'}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.currentTarget.checked)} />
          <span>{words.showPassword}</span>
        </label>
        <button type="submit" class="button primary wide" aria-disabled={isBusy}>
          {isBusy ? words.busy : words.button}
        </button>
      </form>
    </main>
  );
}

/** While it is not known yet who is there. Silent at first: most of the time it is over before anybody could read it. */
export function Starting() {
  const { session, state } = useDesk();
  const { status } = state.value.connection;
  const text =
    session.busy.value === 'link'
      ? words.linkBusy
      : status === 'reconnecting' || status === 'offline'
        ? words.unreachable
        : words.starting;
  return (
    <main class="sign-in">
      <div class="starting late">
        <Mark />
        <h1 class="unseen">{texts.product}</h1>
        <p role="status">{text}</p>
      </div>
    </main>
  );
}
