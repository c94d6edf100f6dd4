import { useCallback, useEffect, useState } from "react";

import { asFailure, sendJson, type Failure } from "../common/api";
import { formatCount, formatTime } from "../common/format";
import { FailureNotice, Loading, UserText, WorkButton } from "../common/ui";
import type { Access } from "./operations";
import type { AuditRow } from "./types";

interface Page {
  rows: AuditRow[];
  more: boolean;
}

const actions: Record<string, string> = {
  "credential.create": "Created a credential",
  "credential.rotate": "Rotated a secret",
  "credential.revoke": "Revoked a credential",
  "credential.restrict": "Changed a credential's restrictions",
  "credential.withdraw": "Took the company away from a credential",
  "token.generate": "Exchanged a credential for a token",
  "token.create": "Created a token",
  "token.revoke": "Revoked a token",
  "limits.set": "Set a limit",
  "token.addScope": "Added a scope to a token",
  "token.removeScope": "Removed a scope of a token",
  "limits.clear": "Cleared a limit",
  "request.authenticate": "Sent a token or a login that is not good",
  "request.authorize": "Asked for what the token does not cover",
  "user.add": "Gave a person access",
  "user.setPassword": "Set a person's password",
  "user.setRoles": "Changed what a person may do",
  "user.remove": "Took a person's access away",
  "user.login": "Logged in",
  "user.logout": "Logged out",
};

interface Props {
  csrf: string;
  slug: string;
  access: Access;
  onSessionEnd: () => void;
  // Rises with every change made on the page: the trail is read again.
  version: number;
}

export function AuditTrail({ csrf, slug, access, onSessionEnd, version }: Props) {
  const [page, setPage] = useState<Page | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const read = useCallback(
    async (before: AuditRow | undefined) => {
      setBusy(true);
      setFailure(null);
      try {
        const query = before ? `?before=${before.number}` : "";
        const answer = await sendJson<Page>(
          "GET",
          `/portal/api/companies/${encodeURIComponent(slug)}/audit${query}`,
          undefined,
          { "X-CSRF-Token": csrf },
        );
        setPage((known) => ({
          rows: before ? [...(known?.rows ?? []), ...answer.rows] : answer.rows,
          more: answer.more,
        }));
      } catch (error) {
        const failed = asFailure(error);
        if (failed.status === 401) {
          onSessionEnd();
        } else {
          setFailure(failed);
        }
      }
      setBusy(false);
    },
    [csrf, slug, onSessionEnd],
  );
  useEffect(() => void read(undefined), [read, version]);

  const names = new Map<string, string>([
    ...access.clientCredentials.map((c) => [c.id, c.description || c.clientId] as const),
    ...access.tokens.map((t) => [t.id, t.description || t.redactedToken] as const),
  ]);
  return (
    <section id="audit" className="card" aria-labelledby="audit-title">
      <div className="card-head">
        <div>
          <h2 id="audit-title">Audit trail</h2>
          <p>Who changed what, and who was refused, newest first.</p>
        </div>
      </div>
      {failure ? (
        <div className="card-body">
          <FailureNotice failure={failure} retry={() => void read(page?.rows.at(-1))} />
        </div>
      ) : null}
      {page === null ? (
        failure ? null : <Loading what="the audit trail" />
      ) : page.rows.length === 0 ? (
        <div className="empty">
          <h3>Nothing has happened yet</h3>
          <p>The first credential or token that somebody makes for this company shows here.</p>
        </div>
      ) : (
        <>
          <div className="table-wrap">
            <table className="table stack">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">On</th>
                  <th scope="col">From</th>
                </tr>
              </thead>
              <tbody>
                {page.rows.map((row) => (
                  <Row key={row.number} row={row} target={names.get(row.target)} />
                ))}
              </tbody>
            </table>
          </div>
          <div className="table-foot small">
            <span role="status">
              {formatCount(page.rows.length)} {page.rows.length === 1 ? "entry" : "entries"}
            </span>
            {page.more ? (
              <WorkButton
                type="button"
                className="small"
                busy={busy}
                onClick={() => void read(page.rows.at(-1))}
              >
                Show older
              </WorkButton>
            ) : null}
          </div>
        </>
      )}
    </section>
  );
}

function Row({ row, target }: { row: AuditRow; target: string | undefined }) {
  return (
    <tr>
      <td data-label="When" className="number nowrap">
        <time dateTime={row.at}>{formatTime(row.at)}</time>
      </td>
      <td data-label="Who" className="wide">
        <UserText text={row.actor} />
      </td>
      <td data-label="What" className="wide">
        {actions[row.action] ?? <code>{row.action}</code>}
        {row.refused ? (
          <>
            {" "}
            <span className="badge danger">
              {row.attempts > 1 ? `Refused ${formatCount(row.attempts)} times` : "Refused"}
            </span>
          </>
        ) : null}
        {row.detail ? (
          <div className="small muted">
            <UserText text={row.detail} />
          </div>
        ) : null}
      </td>
      <td data-label="On">
        {target ? (
          <UserText text={target} />
        ) : row.target ? (
          <code>{row.target}</code>
        ) : (
          <span className="muted">–</span>
        )}
      </td>
      <td data-label="From">
        <code>{row.address}</code>
      </td>
    </tr>
  );
}
