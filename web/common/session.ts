import { Failure, sendJson } from "./api";
import { dropKept, keep, readKept } from "./kept";

// The session itself is an HttpOnly cookie. What is kept here is the token that must go with it,
// so that a reload or another tab need not log in again; it is worth nothing without the cookie.
const kept = "matricula.csrf";

let token: string | null = readKept(kept);

export function csrfToken(): string | null {
  return token;
}

export function forgetSession(): void {
  token = null;
  dropKept(kept);
}

// Calls `changed` when a log-in or log-out happens in another window of this browser, until the
// function that it gives is called.
export function watchSession(changed: () => void): () => void {
  const stored = (event: StorageEvent) => {
    if (event.key === kept || event.key === null) {
      token = readKept(kept);
      changed();
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
  try {
    await sendJson("POST", "/auth/logout", {}, { "X-CSRF-Token": token ?? "" });
  } catch (error) {
    // A session that has ended already needs no ending.
    if (!(error instanceof Failure && error.status === 401)) {
      throw error;
    }
  }
  forgetSession();
}
