import { useCallback, useEffect, useState } from "react";

import { AccountMenu, useMe } from "../common/account";
import { SiteHeader } from "../common/header";
import { csrfToken, forgetSession, watchSession } from "../common/session";
import { placeOf } from "./address";
import { CompanyPage } from "./company_page";
import { CompanyPicker } from "./company_picker";
import { usePath } from "./history";
import { whenFree } from "./hold";
import { Login } from "./login";
import { SessionEnd } from "./session_end";

// The page of whoever is logged in, or the log-in.
export function App() {
  const [csrf, setCsrf] = useState(csrfToken);
  const [ended, setEnded] = useState(false);
  const { slug, tab } = placeOf(usePath());

  const onChange = useCallback(() => {
    setEnded(false);
    setCsrf(csrfToken());
  }, []);
  // Of the session that is shown; another one may have begun since the server was asked.
  const onSessionEnd = useCallback(() => {
    if (csrf !== null && forgetSession(csrf)) {
      whenFree(() => {
        setEnded(true);
        setCsrf(csrfToken());
      });
    }
  }, [csrf]);
  useEffect(() => watchSession(() => whenFree(onChange)), [onChange]);
  const me = useMe(csrf, onSessionEnd);

  return (
    <SessionEnd value={onSessionEnd}>
      <SiteHeader
        current="/login"
        account={csrf ? <AccountMenu me={me} onLogOut={onChange} /> : undefined}
      />
      {csrf === null ? (
        <Login sessionEnded={ended} onLogIn={onChange} />
      ) : slug === null ? (
        <CompanyPicker key={csrf} csrf={csrf} onSessionEnd={onSessionEnd} />
      ) : (
        <CompanyPage
          key={`${csrf} ${slug}`}
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
