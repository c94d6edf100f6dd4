import { useState } from "react";

import { WorkButton } from "../common/ui";
import { useWork } from "../common/work";

import { Field, FormDialog } from "./dialog";
import { type PortalSession, type Session, logIn, logOut, tokenFromCredential } from "./session";
import { problemOf, tokenIn } from "./token_text";

// The company whose data the portal's login reads, while no token is given.
export function PortalAccess(props: {
  portal: PortalSession;
  companyId: string | null; // null where there is none
  onCompany(id: string): void;
}) {
  const { portal, companyId, onCompany } = props;
  if (companyId === null) {
    return (
      <span className="pg-person">
        {portal.me.email} {portal.me.isStaff ? "finds" : "administers"} no company
      </span>
    );
  }
  return (
    <label className="pg-control">
      <span>{portal.me.email}, for</span>
      <select
        className="select"
        value={companyId}
        onChange={(event) => onCompany(event.target.value)}
      >
        {portal.companies.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

// The token of the data endpoints: typed, pasted, or made from a client credential. It stays in memory.
export function TokenAccess(props: {
  token: string;
  placeholder: string;
  onToken(token: string): void;
}) {
  const { token, placeholder, onToken } = props;
  const [asking, setAsking] = useState(false);
  // The text of the field, which may be more than the token.
  const [typed, setTyped] = useState(token);
  const problem = problemOf(token);
  return (
    <>
      <label className="pg-control">
        <span>Token</span>
        <input
          className="input pg-token"
          type="password"
          value={tokenIn(typed) === token ? typed : token}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          onChange={(event) => {
            setTyped(event.target.value);
            onToken(tokenIn(event.target.value));
          }}
        />
      </label>
      {problem ? (
        <span className="field-error" role="alert">
          {problem}
        </span>
      ) : null}
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

// Who is logged in for the tokens endpoint: here, or else at the portal.
export function SessionAccess(props: {
  session: Session | null;
  portal: PortalSession | null;
  onSession(session: Session | null): void;
}) {
  const { session, portal, onSession } = props;
  const [asking, setAsking] = useState(false);
  if (session) {
    return <LoggedIn session={session} onEnd={() => onSession(null)} />;
  }
  return (
    <>
      {portal ? <span className="pg-person">{portal.me.email}</span> : null}
      <button type="button" className="button" onClick={() => setAsking(true)}>
        {portal ? "Another login…" : "Log in…"}
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
            type="text"
            inputMode="email"
            autoCapitalize="none"
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

function LoggedIn({ session, onEnd }: { session: Session; onEnd(): void }) {
  const { busy, failure, start } = useWork();
  const leave = async () => {
    await logOut(session);
    onEnd();
  };
  return (
    <>
      <span className="pg-person">{session.email}</span>
      <WorkButton type="button" className="" busy={busy} onClick={() => start(leave)}>
        Log out
      </WorkButton>
      {failure ? (
        <span className="field-error" role="alert">
          {failure.message} {failure.advice}
        </span>
      ) : null}
    </>
  );
}
