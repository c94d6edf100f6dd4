import { useState } from "react";

import { Field, FormDialog } from "./dialog";
import { type Session, logIn, tokenFromCredential } from "./session";

// The token of the data endpoints: typed, pasted, or made from a client credential. It stays in memory.
export function TokenAccess({ token, onToken }: { token: string; onToken(token: string): void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <label className="pg-control">
        <span>Token</span>
        <input
          className="input pg-token"
          type="password"
          value={token}
          placeholder="32 hex digits"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onToken(event.target.value.trim())}
        />
      </label>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        From a credential…
      </button>
      {asking ? (
        <FormDialog
          title="A token from a client credential"
          intro="It lives an hour. Nothing of this is kept when you leave the page."
          action="Get a token"
          onClose={() => setAsking(false)}
          onSubmit={async (data) => {
            const text = (name: string) => String(data.get(name) ?? "").trim();
            onToken(
              await tokenFromCredential({
                clientId: text("clientId"),
                clientSecret: text("clientSecret"),
                ...(text("companyId") ? { companyId: text("companyId") } : {}),
              }),
            );
          }}
        >
          <Field label="Client id" name="clientId" required autoComplete="off" />
          <Field
            label="Client secret"
            name="clientSecret"
            type="password"
            required
            autoComplete="off"
          />
          <Field
            label="Company id"
            name="companyId"
            autoComplete="off"
            hint="Only where the credential covers several companies."
          />
        </FormDialog>
      ) : null}
    </>
  );
}

// Who is logged in for the tokens endpoint.
export function SessionAccess(props: {
  session: Session | null;
  onSession(session: Session | null): void;
}) {
  const { session, onSession } = props;
  const [asking, setAsking] = useState(false);
  if (session) {
    return (
      <>
        <span className="pg-person">{session.email}</span>
        <button type="button" className="button" onClick={() => onSession(null)}>
          Log out
        </button>
      </>
    );
  }
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Log in…
      </button>
      {asking ? (
        <FormDialog
          title="Log in"
          intro="For everything on this endpoint but generateToken. The login is gone when you leave the page."
          action="Log in"
          onClose={() => setAsking(false)}
          onSubmit={async (data) =>
            onSession(await logIn(String(data.get("email")), String(data.get("password"))))
          }
        >
          <Field
            label="E-mail address"
            name="email"
            type="email"
            required
            autoComplete="username"
          />
          <Field
            label="Password"
            name="password"
            type="password"
            required
            autoComplete="current-password"
          />
        </FormDialog>
      ) : null}
    </>
  );
}
