// Sends what the editor asks to the chosen endpoint, and reports what the headers of the answer say.
import type { Endpoint } from "virtual:endpoints";

export interface Answered {
  status: number;
  milliseconds: number;
  limit: string | null;
  remaining: string | null;
  retryAfter: string | null;
  requestId: string | null;
}

// The value of the Authorization header; null for a request without one.
export type Authorization = () => string | null;

type Parameters = { query: string; variables?: unknown; operationName?: string | null };

function send(
  endpoint: Endpoint,
  authorization: Authorization,
  parameters: Parameters,
  headers: HeadersInit,
) {
  const all = new Headers(headers);
  all.set("Content-Type", "application/json");
  all.set("Accept", "application/json");
  const value = authorization();
  if (value !== null && !all.has("Authorization")) {
    all.set("Authorization", value);
  }
  return fetch(endpoint.path, {
    method: "POST",
    credentials: "omit",
    headers: all,
    body: JSON.stringify(parameters),
  });
}

// Makes the function that GraphiQL calls for each request.
export function transport(
  endpoint: Endpoint,
  authorization: Authorization,
  report: (answered: Answered) => void,
) {
  return async (parameters: Parameters, options?: { headers?: HeadersInit }) => {
    const begin = performance.now();
    let response: Response;
    try {
      response = await send(endpoint, authorization, parameters, options?.headers ?? {});
    } catch {
      throw new Error("The server could not be reached. Check that it runs, then try again.");
    }
    const header = (name: string) => response.headers.get(name);
    report({
      status: response.status,
      milliseconds: Math.round(performance.now() - begin),
      limit: header("X-RateLimit-Limit"),
      remaining: header("X-RateLimit-Remaining"),
      retryAfter: header("Retry-After"),
      requestId: header("X-Request-Id"),
    });
    return response.json();
  };
}
