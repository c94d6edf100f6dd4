import { useEffect, useId, useRef, useState } from "react";

import { asFailure, sendJson, tokensOperation } from "./api";
import { logOut } from "./session";
import { ThemeChoice } from "./theme_choice";
import { FailureNotice, UserText, WorkButton } from "./ui";
import { useWork } from "./work";

export interface Company {
  id: string;
  slug: string;
  name: string;
}

export interface User {
  email: string;
  firstName: string;
  lastName: string;
  isStaff: boolean;
  adminOf: Company[];
}

// Who is logged in, by the session's CSRF token. Throws Failure.
export async function readMe(csrf: string): Promise<User> {
  const { me } = await tokensOperation<{ me: User }>(
    csrf,
    "{ me { email firstName lastName isStaff adminOf { id slug name } } }",
  );
  return me;
}

// The companies that the login may read, up to the server's bound: for staff all.
export interface Companies {
  companies: Company[];
  more: boolean;
}

// Throws Failure.
export function readCompanies(csrf: string): Promise<Companies> {
  return sendJson("GET", "/portal/api/companies", undefined, { "X-CSRF-Token": csrf });
}

// Who is logged in; null without a session, and until the server has answered. A session that has ended is reported to
// onSessionEnd, which must be one function as long as it means the same.
export function useMe(csrf: string | null, onSessionEnd: () => void): User | null {
  const [me, setMe] = useState<User | null>(null);
  useEffect(() => {
    let current = true;
    setMe(null);
    if (csrf !== null) {
      readMe(csrf)
        .then((user) => current && setMe(user))
        // Without an answer the menu still logs out, and the page says what is wrong.
        .catch((error) => current && asFailure(error).status === 401 && onSessionEnd());
    }
    return () => {
      current = false;
    };
  }, [csrf, onSessionEnd]);
  return me;
}

function nameOf(me: User): string {
  return `${me.firstName} ${me.lastName}`.trim() || me.email;
}

// Closes what is open by Escape, and by a click or the focus outside of it.
function useClosing(open: boolean, close: () => void) {
  const element = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) {
      return;
    }
    const outside = (event: Event) => {
      if (!element.current?.contains(event.target as Node)) {
        close();
      }
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        close();
        button.current?.focus();
      }
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", key);
    };
  }, [open]);
  return { element, button };
}

interface Leaving {
  // Done while the session still lasts.
  beforeLogOut?: () => Promise<void>;
  onLogOut: () => void;
}

// Who is logged in, the colours, and the way out.
export function AccountMenu({ me, ...leaving }: { me: User | null } & Leaving) {
  const [open, setOpen] = useState(false);
  const { element, button } = useClosing(open, () => setOpen(false));
  const panel = useId();
  return (
    <div ref={element} className="account">
      <button
        ref={button}
        type="button"
        className="button small account-button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
      >
        <span className="visually-hidden">Account: </span>
        <span className="account-name">{me ? <UserText text={nameOf(me)} /> : "Account"}</span>
        <span aria-hidden="true">▾</span>
      </button>
      <div id={panel} className="account-panel card" hidden={!open}>
        {me ? (
          <div className="account-who">
            <strong>
              <UserText text={nameOf(me)} />
            </strong>
            <span className="small muted">
              <UserText text={me.email} />
            </span>
            {me.isStaff ? <span className="badge">Staff</span> : null}
          </div>
        ) : null}
        <a href="/c">Your companies</a>
        <label className="account-colours">
          <span>Colours</span>
          <ThemeChoice />
        </label>
        <LogOut {...leaving} />
      </div>
    </div>
  );
}

function LogOut({ beforeLogOut, onLogOut }: Leaving) {
  const { busy, failure, start } = useWork();
  const leave = async () => {
    await beforeLogOut?.();
    await logOut();
    onLogOut();
  };
  return (
    <>
      {failure ? <FailureNotice failure={failure} /> : null}
      <WorkButton type="button" className="small" busy={busy} onClick={() => start(leave)}>
        Log out
      </WorkButton>
    </>
  );
}
