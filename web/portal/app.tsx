import { useCallback, useEffect, useState } from "react";

import { AccountMenu, useMe } from "../common/account";
import { SiteHeader } from "../common/header";
import { csrfToken, forgetSession, watchSession } from "../common/session";
import { placeOf } from "./address";
import { CompanyPage } from "./company_page";
import { CompanyPicker } from "./company_picker";
import { usePath } from "./history";
import { Login } from "./login";
import { SessionEnd } from "./session_end";

// The page of whoever is logged in, or the log-in.
export function App() {
  const [csrf, setCsrf] = useState(csrfToken);
  const [ended, setEnded] = useState(false);
  const { slug, tab } = placeOf(usePath());

  const onSessionEnd = useCallback(() => {
    forgetSession();
    setEnded(true);
    setCsrf(null);
  }, []);
  const onLogIn = () => {
    setEnded(false);
    setCsrf(csrfToken());
  };
  useEffect(() => watchSession(() => setCsrf(csrfToken())), []);
  const me = useMe(csrf, onSessionEnd);

  return (
    <SessionEnd value={onSessionEnd}>
      <SiteHeader
        current="/login"
        account={csrf ? <AccountMenu me={me} onLogOut={() => setCsrf(null)} /> : undefined}
      />
      {csrf === null ? (
        <Login sessionEnded={ended} onLogIn={onLogIn} />
      ) : slug === null ? (
        <CompanyPicker csrf={csrf} onSessionEnd={onSessionEnd} />
      ) : (
        <CompanyPage
          key={slug}
          slug={slug}
          tab={tab}
          csrf={csrf}
          me={me}
          onSessionEnd={onSessionEnd}
        />
      )}
    </SessionEnd>
  );
}
