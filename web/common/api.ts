// What went wrong with a request, in words for a person.
export class Failure extends Error {
  readonly status: number; // 0: no answer came
  readonly advice: string;
  readonly requestId: string | null;

  constructor(status: number, message: string, advice: string, requestId: string | null = null) {
    super(message);
    this.status = status;
    this.advice = advice;
    this.requestId = requestId;
  }
}

export function asFailure(error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure(0, "Something went wrong on this page.", "Reload the page and try again.");
}

interface ErrorBody {
  errors?: { message: string; extensions?: { code?: string } }[];
  error?: { message: string };
}

function failureOf(response: Response, body: ErrorBody | null): Failure {
  const id = response.headers.get("X-Request-Id");
  const said = body?.errors?.[0]?.message ?? body?.error?.message ?? "";
  switch (response.status) {
    case 401:
      return new Failure(401, said || "You are not logged in.", "Log in and try again.", id);
    case 404:
      return new Failure(404, "There is nothing here for you.", "Check the address.", id);
    case 429: {
      // What bounds requests has no message among `errors`; other bounds say what they are.
      const bound = body?.errors?.[0]?.message ?? "Too many requests in one minute.";
      const wait = Number(response.headers.get("Retry-After") ?? "60");
      const seconds = wait === 1 ? "1 second" : `${wait} seconds`;
      return new Failure(429, bound, `Try again in ${seconds}.`, id);
    }
    case 503:
      return new Failure(503, "The server is busy or not ready.", "Try again in a moment.", id);
    default:
      return new Failure(
        response.status,
        said || `The server answered ${response.status}.`,
        response.status >= 500
          ? "Try again; if it stays, give the request id to whoever runs this server."
          : "Change what you entered and try again.",
        id,
      );
  }
}

// The body of an answer as JSON; undefined for an empty one, null for what is no JSON.
async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => "");
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return null;
  }
}

// Sends a request and gives its answer, which is a success. Throws Failure.
export async function send(path: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Failure(0, "The server did not answer.", "Check your connection and try again.");
  }
  if (!response.ok) {
    throw failureOf(response, (await jsonOf(response)) as ErrorBody | null);
  }
  return response;
}

// Sends a request and gives the JSON of its answer, undefined for an empty one. Throws Failure.
export async function sendJson<T>(
  method: "GET" | "POST",
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  credentials: RequestCredentials = "same-origin",
): Promise<T> {
  const response = await send(path, {
    method,
    credentials,
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const parsed = await jsonOf(response);
  if (parsed === null) {
    throw failureOf(response, null);
  }
  return parsed as T;
}

interface GraphqlAnswer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

// What the tokens endpoint answers to an operation, errors included: in the session of the CSRF
// token, or to whoever is not logged in. Throws Failure.
export function askTokens<T>(
  csrf: string | null,
  query: string,
  variables: Record<string, unknown>,
): Promise<GraphqlAnswer<T>> {
  return sendJson(
    "POST",
    "/api/public/api/v1/tokens/graphql",
    { query, variables },
    csrf === null ? {} : { "X-CSRF-Token": csrf },
    csrf === null ? "omit" : "same-origin",
  );
}

// Runs an operation of the tokens endpoint in the session. Throws Failure for an error of any kind.
export async function tokensOperation<T>(
  csrf: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const answer = await askTokens<T>(csrf, query, variables);
  const error = answer.errors?.[0];
  if (error || !answer.data) {
    const code = error?.extensions?.code;
    throw new Failure(
      code === "UNAUTHORIZED" ? 403 : 200,
      error?.message ?? "The server sent no answer.",
      code === "UNAUTHORIZED"
        ? "Your rights may have changed. Reload the page."
        : code === "BAD_USER_INPUT"
          ? "Change what you entered and try again."
          : "Try again in a moment.",
    );
  }
  return answer.data;
}
