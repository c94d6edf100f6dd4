import { useCallback, useEffect, useState, type MouseEvent } from "react";

import { asFailure } from "../common/api";
import { formatBytes, formatCount } from "../common/format";
import { CodeBlock, FailureNotice, Loading } from "../common/ui";
import { useWork } from "../common/work";
import { downloadCommand, fileAddress } from "./address";
import { useAnswer } from "./answer";
import { readData, saveFile, sizeOf } from "./data_files";
import { isPlainClick } from "./history";
import type { Company, DataTable } from "./types";

const formatNames: Record<string, string> = { ndjson: "NDJSON", csv: "CSV", parquet: "Parquet" };

// Tables that have names and titles to add to their rows.
function hasFlatForm(table: string): boolean {
  return table.endsWith("_progress");
}

// Whose session asks for the files of which company.
interface Place {
  csrf: string;
  company: Company;
  onSessionEnd: () => void;
}

export function Files({ csrf, company, onSessionEnd }: Place) {
  const read = useCallback(
    () =>
      readData<{ tables: DataTable[] }>(
        csrf,
        `/data/v1/tables?company=${encodeURIComponent(company.id)}`,
      ),
    [csrf, company.id],
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
          <FileTable {...{ csrf, company, onSessionEnd }} tables={answer.tables} />
          <Commands {...{ csrf, company, onSessionEnd }} tables={answer.tables} />
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

// What is being saved, if anything is, and how the last one failed; a function that saves a file.
function useSaving({ csrf, onSessionEnd }: Place) {
  const { busy, failure, start } = useWork(onSessionEnd);
  const [name, setName] = useState("");
  const save = (address: string, file: string) => {
    setName(file);
    return start(() => saveFile(csrf, address, file));
  };
  return { saving: busy ? name : null, failure, save };
}

function FileTable({ tables, ...place }: Place & { tables: DataTable[] }) {
  const { saving, failure, save } = useSaving(place);
  return (
    <div className="table-wrap">
      {saving || failure ? (
        <div className="card-body">
          {saving ? <Loading what={saving} /> : null}
          {failure ? <FailureNotice failure={failure} /> : null}
        </div>
      ) : null}
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
                    <FileLink
                      key={format}
                      table={table}
                      format={format}
                      address={fileAddress(place.company, table, { format })}
                      save={save}
                    />
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

function FileLink({
  table,
  format,
  address,
  save,
}: {
  table: DataTable;
  format: string;
  address: string;
  save: (address: string, name: string) => Promise<void>;
}) {
  const name = `${table.name}.${format}`;
  return (
    <a
      className="button small"
      href={address}
      download={name}
      onClick={(event: MouseEvent<HTMLAnchorElement>) => {
        if (isPlainClick(event)) {
          event.preventDefault();
          void save(address, name);
        }
      }}
      aria-label={`Download ${table.name} as ${formatNames[format] ?? format}`}
    >
      {formatNames[format] ?? format}
    </a>
  );
}

// The bytes of a file, where the server knows them before it is made.
function useSize({ csrf, onSessionEnd }: Place, address: string): number | null {
  const [size, setSize] = useState<number | null>(null);
  useEffect(() => {
    let current = true;
    setSize(null);
    sizeOf(csrf, address)
      .then((bytes) => current && setSize(bytes))
      // Without an answer there is no size to show; the download itself says what is wrong.
      .catch((error) => current && asFailure(error).status === 401 && onSessionEnd());
    return () => {
      current = false;
    };
  }, [csrf, onSessionEnd, address]);
  return size;
}

function Commands({ tables, ...place }: Place & { tables: DataTable[] }) {
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
      <CommandLines {...place} table={table} isFlat={isFlat && hasFlatForm(table.name)} />
    </div>
  ) : null;
}

function CommandLines({ table, isFlat, ...place }: Place & { table: DataTable; isFlat: boolean }) {
  const address = fileAddress(place.company, table, { format: "parquet", isFlat });
  const size = useSize(place, address);
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
