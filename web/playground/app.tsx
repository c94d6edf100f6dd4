import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from "react";
import endpoints from "virtual:endpoints";

import { AccountMenu } from "../common/account";
import { Failure } from "../common/api";
import { SiteHeader } from "../common/header";
import { csrfToken, forgetSession, watchSession } from "../common/session";
import { Loading } from "../common/ui";

import { PortalAccess, SessionAccess, TokenAccess } from "./access";
import {
  type Opened,
  documentInAddress,
  endpointInAddress,
  endpointNamed,
  showEndpointInAddress,
} from "./address";
import { type Tabs, keptTabs, openDocument } from "./kept_storage";
import { type PortalSession, type Session, SessionTokens, readPortalSession } from "./session";
import { Status } from "./status";
import { problemOf } from "./token_text";
import { type Answered, type Carried, said, transport } from "./transport";

// The editor is most of the page's weight: what stands around it is there at once.
const Editor = lazy(() => import("./editor"));

const tokensEndpoint = "tokens";

function firstExample(name: string): Opened | null {
  return endpointNamed(name).examples[0] ?? null;
}

// The document to begin with: that of the address, of the tabs that were kept, or an example.
function firstDocument(name: string): Opened | null {
  const tabs = keptTabs(name);
  return documentInAddress() ?? (tabs ? openDocument(tabs) : firstExample(name));
}

// Who is logged in at the portal in this browser, and a function that looks again; null until that
// is known, and for none. It follows log-ins and log-outs in other windows.
function usePortalSession(): [PortalSession | null, () => void] {
  const [portal, setPortal] = useState<PortalSession | null>(null);
  const look = useCallback(() => {
    const csrf = csrfToken();
    setPortal(null);
    if (csrf !== null) {
      // Without an answer the page works as for a stranger.
      readPortalSession(csrf).then(
        (found) => csrf === csrfToken() && setPortal(found),
        () => {},
      );
    }
  }, []);
  useEffect(look, [look]);
  useEffect(() => watchSession(look), [look]);
  return [portal, look];
}

// What to do about a 401, which on the tokens endpoint means that the JWT's 15 minutes are over.
function adviceFor(endpoint: string, answered: Answered | null): string {
  if (answered?.status !== 401) {
    return "";
  }
  return endpoint === tokensEndpoint
    ? "Log in, then run it again."
    : "Give a token, then run it again.";
}

export function App() {
  const [endpoint, setEndpoint] = useState(endpointInAddress);
  const [initial, setInitial] = useState<Opened | null>(
    () => firstDocument(endpoint.name),
  );
  const [opened, setOpened] = useState<Opened | null>(null);
  const [token, setToken] = useState("");
  const [session, setSession] = useState<Session | null>(null);
  const [portal, lookAtPortal] = usePortalSession();
  const [company, setCompany] = useState<string | null>(null);
  const companyId =
    (portal?.companies.find(({ id }) => id === company) ?? portal?.companies[0])?.id ?? null;
  const sessionTokens = useRef(new SessionTokens());
  // A login that has ended, here or in another window, leaves no token behind.
  useEffect(() => {
    if (portal === null) {
      sessionTokens.current.forget();
    }
  }, [portal]);
  const [answered, setAnswered] = useState<Answered | null>(null);
  // The tabs of each endpoint, kept while the reader looks at another one.
  const remembered = useRef(new Map<string, Tabs>());
  // What the transport reads when a request is sent, which may be long after it was made.
  const access = useRef({ token, session, portal, companyId });
  access.current = { token, session, portal, companyId };

  const fetcher = useMemo(() => {
    const isTokens = endpoint.name === tokensEndpoint;
    const endPortal = (csrf: string) => {
      if (forgetSession(csrf)) {
        lookAtPortal();
      }
      if (csrfToken() !== null) {
        return "Another login at the portal has begun. Run it again.";
      }
      return `Your login at the portal has ended. Log in there again, or ${isTokens ? "log in here" : "give a token"}.`;
    };
    const endLogin = (ended: Session) => {
      setSession((now) => (now === ended ? null : now));
      return "Your login has ended. Log in again.";
    };
    const authorization = async (refused?: string): Promise<Carried> => {
      const now = access.current;
      const alone = (authorization: string) => ({
        headers: { Authorization: authorization },
        cookies: false,
      });
      const { session, portal } = now;
      if (isTokens && session) {
        return { ...alone(`Bearer ${session.jwt}`), onEnd: () => endLogin(session) };
      }
      if (isTokens) {
        return portal
          ? {
              headers: { "X-CSRF-Token": portal.csrf },
              cookies: true,
              onEnd: () => endPortal(portal.csrf),
            }
          : { headers: {}, cookies: false };
      }
      if (now.token) {
        const problem = problemOf(now.token);
        if (problem) {
          throw said(problem);
        }
        return alone(`Token ${now.token}`);
      }
      if (!portal || !now.companyId) {
        return { headers: {}, cookies: false };
      }
      try {
        const made = await sessionTokens.current.tokenFor(portal, now.companyId, refused);
        return { ...alone(`Token ${made}`), made };
      } catch (error) {
        if (error instanceof Failure && error.status === 401) {
          throw said(endPortal(portal.csrf));
        }
        throw error instanceof Failure ? said(`${error.message} ${error.advice}`) : error;
      }
    };
    return transport(endpoint, authorization, setAnswered);
  }, [endpoint, lookAtPortal]);

  function choose(name: string) {
    const next = endpointNamed(name);
    showEndpointInAddress(next);
    const tabs = remembered.current.get(next.name) ?? keptTabs(next.name);
    setInitial(tabs ? openDocument(tabs) : firstExample(next.name));
    setOpened(null);
    setAnswered(null);
    setEndpoint(next);
  }

  useEffect(() => {
    const open = () => setOpened(documentInAddress());
    addEventListener("hashchange", open);
    return () => removeEventListener("hashchange", open);
  }, []);

  return (
    <div className="pg">
      <SiteHeader
        current="/playground"
        account={
          portal ? (
            <AccountMenu
              me={portal.me}
              beforeLogOut={() => sessionTokens.current.revoke(portal)}
              onLogOut={lookAtPortal}
            />
          ) : undefined
        }
      />
      <main id="main" className="pg-main">
        <h1 className="visually-hidden">Playground</h1>
        <div className="pg-bar">
          <label className="pg-control">
            <span>Endpoint</span>
            <select
              className="select"
              value={endpoint.name}
              onChange={(event) => choose(event.target.value)}
            >
              {endpoints.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <label className="pg-control">
            <span>Example</span>
            <select
              className="select"
              value=""
              onChange={(event) => setOpened({ ...endpoint.examples[Number(event.target.value)]! })}
            >
              <option value="" disabled>
                Open an example…
              </option>
              {endpoint.examples.map(({ title }, i) => (
                <option key={title} value={i}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <div className="pg-access">
            {endpoint.name === tokensEndpoint ? (
              <SessionAccess session={session} portal={portal} onSession={setSession} />
            ) : (
              <>
                {portal && !token ? (
                  <PortalAccess portal={portal} companyId={companyId} onCompany={setCompany} />
                ) : null}
                <TokenAccess
                  token={token}
                  placeholder={portal && companyId ? "of your login" : "32 hex digits"}
                  onToken={setToken}
                />
              </>
            )}
          </div>
          <a className="pg-docs" href={`/docs/reference/${endpoint.name}`}>
            Reference
          </a>
        </div>
        <div className="pg-editor">
          <Suspense fallback={<Loading what="the editor" />}>
            <Editor
              key={endpoint.name}
              endpoint={endpoint}
              fetcher={fetcher}
              tabs={remembered.current.get(endpoint.name)}
              onTabs={(tabs) => remembered.current.set(endpoint.name, tabs)}
              initial={initial}
              opened={opened}
            />
          </Suspense>
        </div>
        <Status answered={answered} advice={adviceFor(endpoint.name, answered)} />
      </main>
    </div>
  );
}
