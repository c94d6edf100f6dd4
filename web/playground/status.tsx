import type { Answered } from "./transport";

// What the headers of the last answer said.
export function Status({ answered, advice }: { answered: Answered | null; advice: string }) {
  if (!answered) {
    return (
      <p className="pg-status" role="status">
        No request yet. Run one with the play button or Ctrl+Enter.
      </p>
    );
  }
  const { status, milliseconds, limit, remaining, retryAfter, requestId } = answered;
  return (
    <p className="pg-status" role="status">
      <span className={status < 400 ? "pg-good" : "pg-bad"}>Status {status}</span>
      {advice ? <span>{advice}</span> : null}
      <span>{milliseconds} ms</span>
      {limit === null ? null : (
        <span>
          {remaining} of {limit} requests left
        </span>
      )}
      {retryAfter === null ? null : <span>try again in {retryAfter} s</span>}
      {requestId === null ? null : (
        <span>
          request <code>{requestId}</code>
        </span>
      )}
    </p>
  );
}
