import { useCallback, useState } from "react";

import { SiteHeader } from "../common/header";
import { csrfToken, forgetSession, logOut } from "../common/session";
import { asFailure, type Failure } from "../common/api";
import { FailureNotice, WorkButton } from "../common/ui";
import { CompanyPage } from "./company_page";
import { CompanyPicker } from "./company_picker";
import { Login } from "./login";

// The company of an address below /c/; null where the address names none.
function slugOf(path: string): string | null {
  const slug = /^\/c\/([^/]+)/.exec(path)?.[1];
  if (slug === undefined) {
    return null;
  }
  try {
    return decodeURIComponent(slug);
  } catch {
    return slug;
  }
}

// Whom the portal knows: nobody, or the bearer of a session's CSRF token.
export function App() {
  const [csrf, setCsrf] = useState(csrfToken);
  const [ended, setEnded] = useState(false);
  const slug = slugOf(location.pathname);

  const onSessionEnd = useCallback(() => {
    forgetSession();
    setEnded(true);
    setCsrf(null);
  }, []);
  const onLogIn = () => {
    setEnded(false);
    setCsrf(csrfToken());
  };

  return (
    <>
      <SiteHeader current="/login">
        {csrf ? <LogOut onDone={() => setCsrf(null)} /> : null}
      </SiteHeader>
      {csrf === null ? (
        <Login sessionEnded={ended} onLogIn={onLogIn} />
      ) : slug === null ? (
        <CompanyPicker csrf={csrf} onSessionEnd={onSessionEnd} />
      ) : (
        <CompanyPage key={slug} slug={slug} csrf={csrf} onSessionEnd={onSessionEnd} />
      )}
    </>
  );
}

function LogOut({ onDone }: { onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const leave = async () => {
    setBusy(true);
    try {
      await logOut();
      onDone();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return (
    <>
      {failure ? <FailureNotice failure={failure} /> : null}
      <WorkButton type="button" className="small" busy={busy} onClick={leave}>
        Log out
      </WorkButton>
    </>
  );
}
