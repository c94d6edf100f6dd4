import { asFailure, Failure, send, sendJson } from "../common/api";

// The data API as whoever is logged in. What asks carries a JWT of the session and never its
// cookie: the cookie counts there only with a header that browsers leave out on plain HTTP, and the
// 401 that answers a cookie opens the browser's own password window.

// Throws Failure; its status is 401 where the session has ended, and only there.
async function authorization(csrf: string): Promise<{ Authorization: string }> {
  const { token } = await sendJson<{ token: string }>("POST", "/auth/refresh", undefined, {
    "X-CSRF-Token": csrf,
  });
  return { Authorization: `Bearer ${token}` };
}

// A new token that is refused is no sign that the session has ended.
function refused(failure: Failure): Failure {
  return failure.status === 401
    ? new Failure(403, "The server did not take your login for the files.", "Try again.")
    : failure;
}

// The JSON at an address of the data API. Throws Failure as authorization() does.
export async function readData<T>(csrf: string, address: string): Promise<T> {
  const headers = await authorization(csrf);
  try {
    return await sendJson<T>("GET", address, undefined, headers, "omit");
  } catch (error) {
    throw refused(asFailure(error));
  }
}

// The bytes of a file, where the server knows them before it is made. Throws Failure as
// authorization() does.
export async function sizeOf(csrf: string, address: string): Promise<number | null> {
  const headers = await authorization(csrf);
  const answer = await fetch(address, { method: "HEAD", credentials: "omit", headers });
  const length = answer.ok ? answer.headers.get("Content-Length") : null;
  return length === null ? null : Number(length);
}

// Saves a file of the data API under `name`. Throws Failure as authorization() does.
export async function saveFile(csrf: string, address: string, name: string): Promise<void> {
  const headers = await authorization(csrf);
  const ask = (range: Record<string, string>) =>
    send(address, { credentials: "omit", headers: { ...headers, ...range } }).catch((error) => {
      throw refused(asFailure(error));
    });
  if (isSecureContext) {
    // A refusal has to come to the page: so the file is asked for here, and saved when it is made.
    await (await ask({ Range: "bytes=0-0" })).body?.cancel();
    // The browser sends the cookie with what it counts with, and writes as it reads.
    save(address, name);
    return;
  }
  const bytes = await (await ask({})).blob().catch(() => {
    throw new Failure(0, "The file broke off.", "Check your connection and try again.");
  });
  saveBytes(bytes, name);
}

// Saves what the page has as a file under `name`.
export function saveBytes(bytes: Blob, name: string) {
  const url = URL.createObjectURL(bytes);
  save(url, name);
  // Soon enough for memory, late enough for a browser that has yet to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function save(address: string, name: string) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
