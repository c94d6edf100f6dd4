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
  const { status, errors, milliseconds, limit, remaining, retryAfter, requestId } = answered;
  if (status === 0) {
    return (
      <p className="pg-status" role="status">
        <span className="pg-bad">No answer</span>
        <span>{milliseconds} ms</span>
      </p>
    );
  }
  return (
    <p className="pg-status" role="status">
      <span className={status < 400 ? "pg-good" : "pg-bad"}>Status {status}</span>
      {errors === 0 ? null : (
        <span className="pg-bad">{errors === 1 ? "1 error" : `${errors} errors`}</span>
      )}
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
