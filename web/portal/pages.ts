import { useCallback, useEffect, useRef, useState } from "react";

import { asFailure, sendJson, type Failure } from "../common/api";

// A part of a list that the server searches, newest first.
export interface Page<T> {
  rows: T[];
  next: number | null; // what to go on with; null at the end
  examined: number; // how many rows the server looked at for it
}

export interface Pages<T> {
  page: Page<T> | null; // all parts that were read, as one; null until the first has come
  failure: Failure | null;
  busy: boolean;
  readMore: () => void;
  // Asks once more for what failed.
  retry: () => void;
}

// Reads a list of a company part by part. `read` must be one function for as long as it means the
// same: another one reads another list, from its beginning.
export function usePages<T>(
  read: (before: number | null) => Promise<Page<T>>,
  onSessionEnd: () => void,
): Pages<T> {
  const [page, setPage] = useState<Page<T> | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  // The last question: what is answered to an earlier one is not shown.
  const asked = useRef<{ before: number | null }>({ before: null });
  const ask = useCallback(
    async (before: number | null) => {
      const question = { before };
      asked.current = question;
      setBusy(true);
      setFailure(null);
      try {
        const part = await read(before);
        if (asked.current === question) {
          setPage((known) =>
            before === null || known === null
              ? part
              : {
                  rows: [...known.rows, ...part.rows],
                  next: part.next,
                  examined: known.examined + part.examined,
                },
          );
        }
      } catch (error) {
        const failed = asFailure(error);
        if (failed.status === 401) {
          onSessionEnd();
        } else if (asked.current === question) {
          setFailure(failed);
        }
      }
      if (asked.current === question) {
        setBusy(false);
      }
    },
    [read, onSessionEnd],
  );
  useEffect(() => void ask(null), [ask]);
  return {
    page,
    failure,
    busy,
    readMore: () => void ask(page?.next ?? null),
    retry: () => void ask(asked.current.before),
  };
}

// Asks for a part of a list of a company. Parameters that are empty are left out.
export function readPart<T>(
  csrf: string,
  slug: string,
  list: "audit" | "tokens",
  parameters: Record<string, string | number | null>,
): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") {
      query.set(name, String(value));
    }
  }
  return sendJson(
    "GET",
    `/portal/api/companies/${encodeURIComponent(slug)}/${list}?${query}`,
    undefined,
    { "X-CSRF-Token": csrf },
  );
}

const settleMillis = 300;

// The text once typing has paused, without blanks at its ends.
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text.trim());
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), settleMillis);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
