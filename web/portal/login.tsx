import { useEffect, useRef, type FormEvent } from "react";

import { type Failure } from "../common/api";
import { logIn } from "../common/session";
import { FailureNotice, WorkButton } from "../common/ui";
import { useWork } from "../common/work";

export function Login({ sessionEnded, onLogIn }: { sessionEnded: boolean; onLogIn: () => void }) {
  const { busy, failure, start } = useWork();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!busy) {
      void start(async () => {
        await logIn(String(form.get("email")).trim(), String(form.get("password")));
        onLogIn();
      });
    }
  };

  return (
    <main id="main" className="page login">
      <form className="card login-card" onSubmit={submit} aria-labelledby="login-title">
        <div>
          <h1 id="login-title">Log in</h1>
          <p className="muted">For admins of a company and for staff.</p>
        </div>
        {navigator.cookieEnabled ? null : (
          <div className="notice warn" role="status">
            <strong>This browser blocks cookies.</strong>
            <span>A log-in needs one: allow cookies for this site, then load this page again.</span>
          </div>
        )}
        {sessionEnded && !failure && navigator.cookieEnabled ? (
          <div className="notice warn" role="status">
            <strong>Your session has ended.</strong>
            <span>Log in again to go on.</span>
          </div>
        ) : null}
        {failure ? <LoginFailure failure={failure} /> : null}
        <div className="field">
          <label htmlFor="email">E-mail address</label>
          <input
            ref={first}
            id="email"
            name="email"
            type="text"
            inputMode="email"
            autoCapitalize="none"
            spellCheck={false}
            className="input"
            autoComplete="username"
            required
          />
        </div>
        <div className="field">
          <label htmlFor="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            className="input"
            autoComplete="current-password"
            required
          />
        </div>
        <WorkButton busy={busy} className="primary">
          {busy ? "Logging in" : "Log in"}
        </WorkButton>
        <p className="small muted">
          No account, or a forgotten password? Whoever runs this server sets both.
        </p>
      </form>
    </main>
  );
}

function LoginFailure({ failure }: { failure: Failure }) {
  return failure.status === 401 ? (
    <div className="notice danger" role="alert">
      <strong>The e-mail address or the password is wrong.</strong>
      <span>Check both and try again.</span>
    </div>
  ) : (
    <FailureNotice failure={failure} />
  );
}
