import { Failure, sendJson } from "./api";
import { dropKept, keep, readKept } from "./kept";

// The session itself is an HttpOnly cookie. What is kept here is the token that must go with it,
// so that a reload or another tab need not log in again; it is worth nothing without the cookie.
const kept = "matricula.csrf";

let token: string | null = readKept(kept);

export function csrfToken(): string | null {
  return token;
}

// For the end of the session that has the CSRF token. Whether it was the one of this page: a late
// answer may be about a session that was left before, and the one since then stays.
export function forgetSession(csrf: string): boolean {
  // Another window's log-in may be kept already before this page hears of it.
  if (readKept(kept) === csrf) {
    dropKept(kept);
  }
  if (token !== csrf) {
    return false;
  }
  token = null;
  return true;
}

// Calls `changed` when a log-in or log-out happens in another window of this browser, until the
// function that it gives is called.
export function watchSession(changed: () => void): () => void {
  const stored = (event: StorageEvent) => {
    if (event.key === kept || event.key === null) {
      const before = token;
      token = readKept(kept);
      if (token !== before) {
        changed();
      }
    }
  };
  addEventListener("storage", stored);
  return () => removeEventListener("storage", stored);
}

export async function logIn(email: string, password: string): Promise<void> {
  const answer = await sendJson<{ csrfToken: string }>("POST", "/auth/login", { email, password });
  token = answer.csrfToken;
  keep(kept, token);
}

export async function logOut(): Promise<void> {
  const csrf = token ?? "";
  await endSession({ "X-CSRF-Token": csrf });
  forgetSession(csrf);
}

// Ends a session at the server; one that has ended already needs no ending. Throws Failure.
export async function endSession(
  headers: Record<string, string>,
  credentials: RequestCredentials = "same-origin",
): Promise<void> {
  try {
    await sendJson("POST", "/auth/logout", {}, headers, credentials);
  } catch (error) {
    if (!(error instanceof Failure && error.status === 401)) {
      throw error;
    }
  }
}
