import { useCallback, useEffect, useState } from "react";

import { sendJson } from "../common/api";
import { formatBytes, formatCount } from "../common/format";
import { CodeBlock, FailureNotice, Loading } from "../common/ui";
import { downloadCommand, fileAddress } from "./address";
import { useAnswer } from "./answer";
import type { Company, DataTable } from "./types";

const formatNames: Record<string, string> = { ndjson: "NDJSON", csv: "CSV", parquet: "Parquet" };

// Tables that have names and titles to add to their rows.
function hasFlatForm(table: string): boolean {
  return table.endsWith("_progress");
}

export function Files({ company, onSessionEnd }: { company: Company; onSessionEnd: () => void }) {
  const read = useCallback(
    () =>
      sendJson<{ tables: DataTable[] }>(
        "GET",
        `/data/v1/tables?company=${encodeURIComponent(company.id)}`,
      ),
    [company.id],
  );
  const { answer, failure, again } = useAnswer(read, onSessionEnd);
  return (
    <section id="files" className="card" aria-labelledby="files-title">
      <div className="card-head">
        <div>
          <h2 id="files-title">Files</h2>
          <p>The data of this company as tables, to download here or with a credential.</p>
          <p>
            <a href="/docs/files">How to read these files</a>
          </p>
        </div>
      </div>
      {answer ? (
        <>
          <FileTable company={company} tables={answer.tables} />
          <Commands company={company} tables={answer.tables} />
        </>
      ) : failure ? (
        <div className="card-body">
          <FailureNotice failure={failure} retry={again} />
        </div>
      ) : (
        <div className="card-body">
          <Loading what="the tables" />
        </div>
      )}
    </section>
  );
}

function FileTable({ company, tables }: { company: Company; tables: DataTable[] }) {
  return (
    <div className="table-wrap">
      <table className="table stack">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">Rows</th>
            <th scope="col">Download</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => (
            <tr key={table.name}>
              <td data-label="Table">
                <code>{table.name}</code>
              </td>
              <td data-label="Rows" className="number">
                {formatCount(table.rows)}
              </td>
              <td data-label="Download">
                <div className="button-row">
                  {table.formats.map((format) => (
                    <a
                      key={format}
                      className="button small"
                      href={fileAddress(company, table, { format })}
                      download
                      aria-label={`Download ${table.name} as ${formatNames[format] ?? format}`}
                    >
                      {formatNames[format] ?? format}
                    </a>
                  ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// The bytes of a file, where the server knows them before it is made.
function useSize(address: string): number | null {
  const [size, setSize] = useState<number | null>(null);
  useEffect(() => {
    let current = true;
    setSize(null);
    fetch(address, { method: "HEAD", credentials: "same-origin" })
      .then((answer) => {
        const length = answer.ok ? answer.headers.get("Content-Length") : null;
        if (current && length !== null) {
          setSize(Number(length));
        }
      })
      // Without an answer there is no size to show; the download itself says what is wrong.
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [address]);
  return size;
}

function Commands({ company, tables }: { company: Company; tables: DataTable[] }) {
  const [name, setName] = useState("program_progress");
  const [isFlat, setIsFlat] = useState(true);
  const table = tables.find((one) => one.name === name) ?? tables[0];
  return table ? (
    <div className="card-body file-commands">
      <div className="list-controls">
        <label>
          Table{" "}
          <select className="select" value={table.name} onChange={(event) => setName(event.target.value)}>
            {tables.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        </label>
        {hasFlatForm(table.name) ? (
          <label className="check">
            <input
              type="checkbox"
              checked={isFlat}
              onChange={(event) => setIsFlat(event.target.checked)}
            />
            With names and titles
          </label>
        ) : null}
      </div>
      <CommandLines company={company} table={table} isFlat={isFlat && hasFlatForm(table.name)} />
    </div>
  ) : null;
}

function CommandLines({
  company,
  table,
  isFlat,
}: {
  company: Company;
  table: DataTable;
  isFlat: boolean;
}) {
  const address = fileAddress(company, table, { format: "parquet", isFlat });
  const size = useSize(address);
  return (
    <>
      <p className="small muted" role="status">
        {size === null ? "Parquet" : `Parquet, ${formatBytes(size)}`}
      </p>
      <CodeBlock label="the curl line" text={downloadCommand(address, `${table.name}.parquet`)} />
      <CodeBlock
        label="the DuckDB line"
        text={`duckdb -c "SELECT * FROM '${table.name}.parquet' LIMIT 10"`}
      />
    </>
  );
}
