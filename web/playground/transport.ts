// Sends what the editor asks to the chosen endpoint, and reports what came back.
import type { Endpoint } from "virtual:endpoints";

export interface Answered {
  status: number; // 0: no answer came
  errors: number; // of the answer's list
  milliseconds: number;
  limit: string | null;
  remaining: string | null;
  retryAfter: string | null;
  requestId: string | null;
}

// What a request carries to say who asks: headers, and whether the portal's cookie goes with it.
export interface Carried {
  headers: Record<string, string>;
  cookies: boolean;
  // The token in the headers, where this page made it and can make another.
  made?: string;
  // Called where the server no longer knows the login that is carried; what to say of it.
  onEnd?: () => string;
}

// May ask the server for a token first; throws what to show instead of an answer. The token that
// was made before and is `refused` is not given again.
export type Authorization = (refused?: string) => Promise<Carried>;

type Parameters = { query: string; variables?: unknown; operationName?: string | null };

// What is shown instead of an answer. The editor would show where in our code it was thrown, too.
export function said(message: string): Error {
  return Object.defineProperty(new Error(message), "stack", { value: undefined });
}

// Headers that the user typed in the editor.
type Typed = Record<string, string>;

// Those that were typed go before those that are carried.
function headersOf(carried: Carried, typed: Typed): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(typed)) {
    try {
      all.set(name, value);
    } catch {
      throw said(`HTTP cannot carry the header ${JSON.stringify(name)} with the value that it has.`);
    }
  }
  all.set("Content-Type", "application/json");
  all.set("Accept", "application/json");
  for (const [name, value] of Object.entries(carried.headers)) {
    if (!all.has(name)) {
      all.set(name, value);
    }
  }
  return all;
}

function unreachable(): Error {
  return said(
    navigator.onLine
      ? "The server could not be reached. Check that it runs, then try again."
      : "This browser is offline. Connect it, then try again.",
  );
}

function readAnswer(text: string, status: number): { errors?: unknown[] } {
  try {
    return JSON.parse(text) as { errors?: unknown[] };
  } catch {
    throw said(
      `The answer with status ${status} is not JSON: it is not this server's, but of something in front of it.`,
    );
  }
}

// Makes the function that GraphiQL calls for each request.
export function transport(
  endpoint: Endpoint,
  authorization: Authorization,
  report: (answered: Answered) => void,
) {
  return async (parameters: Parameters, options?: { headers?: Typed }) => {
    const typed = options?.headers ?? {};
    const isAnother = Object.keys(typed).some((name) => name.toLowerCase() === "authorization");
    const begin = performance.now();
    const milliseconds = () => Math.round(performance.now() - begin);
    const none = { limit: null, remaining: null, retryAfter: null, requestId: null };
    const unanswered = (error: unknown) => {
      report({ status: 0, errors: 1, milliseconds: milliseconds(), ...none });
      return navigator.onLine ? error : unreachable();
    };
    const prepare = async (refused?: string) => {
      const carried = await authorization(refused);
      return { carried, headers: headersOf(carried, typed) };
    };
    const ask = async (refused?: string) => {
      const { carried, headers } = await prepare(refused).catch((error: unknown) => {
        throw unanswered(error);
      });
      try {
        const response = await fetch(endpoint.path, {
          method: "POST",
          credentials: carried.cookies ? "same-origin" : "omit",
          headers,
          body: JSON.stringify(parameters),
        });
        return { carried, response, text: await response.text() };
      } catch {
        throw unanswered(unreachable());
      }
    };
    const first = await ask();
    const isRefused = first.response.status === 401 && first.carried.made !== undefined;
    const { carried, response, text } = isRefused ? await ask(first.carried.made) : first;
    const header = (name: string) => response.headers.get(name);
    const answered = {
      status: response.status,
      errors: 0,
      milliseconds: milliseconds(),
      limit: header("X-RateLimit-Limit"),
      remaining: header("X-RateLimit-Remaining"),
      retryAfter: header("Retry-After"),
      requestId: header("X-Request-Id"),
    };
    report(answered);
    if (response.status === 401 && carried.onEnd && !isAnother) {
      throw said(carried.onEnd());
    }
    const answer = readAnswer(text, response.status);
    report({ ...answered, errors: answer.errors?.length ?? 0 });
    return answer;
  };
}
