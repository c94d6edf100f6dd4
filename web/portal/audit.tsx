import { useCallback, useEffect, useState } from "react";

import { asFailure, sendJson, type Failure } from "../common/api";
import { formatCount, formatTime } from "../common/format";
import { FailureNotice, Loading, UserText, WorkButton } from "../common/ui";
import { actionName, auditCsv, matchesText } from "./audit_text";
import type { AuditRow } from "./types";

interface Page {
  rows: AuditRow[];
  more: boolean;
}

interface Props {
  csrf: string;
  slug: string;
  onSessionEnd: () => void;
}

export function AuditTrail({ csrf, slug, onSessionEnd }: Props) {
  const [page, setPage] = useState<Page | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState("");
  const [refusedOnly, setRefusedOnly] = useState(false);

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
  useEffect(() => void read(undefined), [read]);

  const shown = (page?.rows ?? []).filter(
    (row) => (!refusedOnly || row.refused) && matchesText(row, text),
  );
  return (
    <section id="audit" className="card" aria-labelledby="audit-title">
      <div className="card-head">
        <div>
          <h2 id="audit-title">Audit trail</h2>
          <p>Who changed what, and who was refused, newest first.</p>
        </div>
        {page && page.rows.length > 0 ? (
          <button
            type="button"
            className="button small"
            onClick={() => download(`audit-${slug}.csv`, auditCsv(shown))}
          >
            Download CSV
          </button>
        ) : null}
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
          <p>The first credential or token that is made for this company shows here.</p>
        </div>
      ) : (
        <>
          <div className="table-tools">
            <input
              type="search"
              className="input"
              aria-label="Find in the audit trail"
              placeholder="Who, what, on what, from where"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <label className="check">
              <input
                type="checkbox"
                checked={refusedOnly}
                onChange={(event) => setRefusedOnly(event.target.checked)}
              />
              Refused only
            </label>
          </div>
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
                {shown.map((row) => (
                  <Row key={row.number} row={row} />
                ))}
              </tbody>
            </table>
          </div>
          <div className="table-foot small">
            <span role="status">
              {shown.length === page.rows.length
                ? `${formatCount(page.rows.length)} ${page.rows.length === 1 ? "entry" : "entries"}`
                : `${formatCount(shown.length)} of ${formatCount(page.rows.length)} entries`}
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

// Saves text as a file of the reader's.
function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Row({ row }: { row: AuditRow }) {
  return (
    <tr>
      <td data-label="When" className="number nowrap">
        <time dateTime={row.at}>{formatTime(row.at)}</time>
      </td>
      <td data-label="Who" className="wide">
        <UserText text={row.actor} />
      </td>
      <td data-label="What" className="wide">
        {actionName(row.action)}
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
        {row.targetName !== row.target ? (
          <UserText text={row.targetName} />
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
