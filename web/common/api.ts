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
      const wait = Number(response.headers.get("Retry-After") ?? "60");
      const seconds = wait === 1 ? "1 second" : `${wait} seconds`;
      return new Failure(429, "Too many requests in one minute.", `Try again in ${seconds}.`, id);
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

// Sends a request and gives the JSON of its answer, undefined for an empty one. Throws Failure.
export async function sendJson<T>(
  method: "GET" | "POST",
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  credentials: RequestCredentials = "same-origin",
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Failure(
      0,
      "The server did not answer.",
      "Check your connection and try again.",
    );
  }
  const text = await response.text().catch(() => "");
  let parsed: unknown = undefined;
  try {
    parsed = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw failureOf(response, null);
  }
  if (!response.ok) {
    throw failureOf(response, parsed as ErrorBody | null);
  }
  return parsed as T;
}

interface GraphqlAnswer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

// Runs an operation of the tokens endpoint in the session. Throws Failure for an error of any kind.
export async function tokensOperation<T>(
  csrf: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const answer = await sendJson<GraphqlAnswer<T>>(
    "POST",
    "/api/public/api/v1/tokens/graphql",
    { query, variables },
    { "X-CSRF-Token": csrf },
  );
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
