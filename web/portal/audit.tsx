import { useCallback, useState } from "react";

import { formatCount, formatTime } from "../common/format";
import { FailureNotice, Loading, UserText, WorkButton } from "../common/ui";
import { useWork } from "../common/work";
import { auditCsv } from "./audit_csv";
import { saveBytes } from "./data_files";
import { readPart, usePages, useSettled, type Page } from "./pages";
import type { AuditRow } from "./types";

interface Props {
  csrf: string;
  slug: string;
  onSessionEnd: () => void;
}

export function AuditTrail({ csrf, slug, onSessionEnd }: Props) {
  const [text, setText] = useState("");
  const [refusedOnly, setRefusedOnly] = useState(false);
  const words = useSettled(text);
  const refused = refusedOnly ? "true" : "";
  const read = useCallback(
    (before: number | null) =>
      readPart<Page<AuditRow>>(csrf, slug, "audit", { q: words, refused, before }),
    [csrf, slug, words, refused],
  );
  const { page, failure, busy, readMore, retry } = usePages(read, onSessionEnd);
  const saving = useWork(onSessionEnd);
  const save = () =>
    void saving.start(async () => {
      const filter = { q: text.trim(), refused, rows: csvRowsAtOnce };
      const rows = await readAll((before) => readPart(csrf, slug, "audit", { ...filter, before }));
      saveBytes(new Blob([auditCsv(rows)], { type: "text/csv" }), `audit-${slug}.csv`);
    });
  const isEmpty = page?.examined === 0;
  return (
    <section id="audit" className="card" aria-labelledby="audit-title">
      <div className="card-head">
        <div>
          <h2 id="audit-title">Audit trail</h2>
          <p>Who changed what, and who was refused, newest first.</p>
        </div>
        {page && !isEmpty ? (
          <WorkButton type="button" className="small" busy={saving.busy} onClick={save}>
            Download CSV
          </WorkButton>
        ) : null}
      </div>
      {saving.failure ? (
        <div className="card-body">
          <FailureNotice failure={saving.failure} retry={save} />
        </div>
      ) : null}
      {failure ? (
        <div className="card-body">
          <FailureNotice failure={failure} retry={retry} />
        </div>
      ) : null}
      {page === null ? (
        failure ? null : <Loading what="the audit trail" />
      ) : isEmpty ? (
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
              maxLength={200}
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
                {page.rows.map((row) => (
                  <Row key={row.number} row={row} />
                ))}
              </tbody>
            </table>
          </div>
          <div className="table-foot small">
            <span role="status">
              {page.rows.length === page.examined
                ? `${formatCount(page.examined)} ${page.examined === 1 ? "entry" : "entries"}`
                : `${formatCount(page.rows.length)} of ${formatCount(page.examined)} entries`}
            </span>
            {page.next !== null ? (
              <WorkButton type="button" className="small" busy={busy} onClick={readMore}>
                {page.rows.length === page.examined ? "Show older" : "Search older ones"}
              </WorkButton>
            ) : null}
          </div>
        </>
      )}
    </section>
  );
}

// So many rows are asked for at once when all are saved.
const csvRowsAtOnce = 5000;

// All rows of the trail, part by part.
async function readAll(read: (before: number | null) => Promise<Page<AuditRow>>) {
  const rows: AuditRow[] = [];
  let before: number | null = null;
  do {
    const part: Page<AuditRow> = await read(before);
    rows.push(...part.rows);
    before = part.next;
  } while (before !== null);
  return rows;
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
        {row.actionText}
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
