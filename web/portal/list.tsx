import { useMemo, useState } from "react";

import { formatCount } from "../common/format";
import { WorkButton } from "../common/ui";
import type { Pages } from "./pages";

// So many rows more are shown at a time: a thousand at once would make the page slow.
const step = 50;

export interface List<T> {
  shown: T[];
  matching: number | null; // null where it is not known yet
  total: number;
  endedCount: number;
  wanted: string;
  setWanted: (text: string) => void;
  withEnded: boolean;
  setWithEnded: (on: boolean) => void;
  // What is shown next; null where all is shown.
  more: { label: string; busy: boolean; show: () => void } | null;
}

// A long list cut to what is looked for. What has ended is left out unless it is asked for.
export function useList<T>(
  all: T[],
  textOf: (item: T) => string,
  hasEnded: (item: T) => boolean,
): List<T> {
  const [wanted, setWanted] = useState("");
  const [withEnded, setWithEnded] = useState(false);
  const [limit, setLimit] = useState(step);
  const matching = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    return all.filter(
      (item) =>
        (withEnded || !hasEnded(item)) && (text === "" || textOf(item).toLowerCase().includes(text)),
    );
    // The two functions mean the same in every rendering of one list.
  }, [all, wanted, withEnded]);
  const left = matching.length - limit;
  return {
    shown: matching.slice(0, limit),
    matching: matching.length,
    total: all.length,
    endedCount: useMemo(() => all.filter(hasEnded).length, [all]),
    wanted,
    setWanted: (text) => {
      setWanted(text);
      setLimit(step);
    },
    withEnded,
    setWithEnded,
    more:
      left > 0
        ? {
            label: `Show ${Math.min(step, left)} more`,
            busy: false,
            show: () => setLimit(limit + step),
          }
        : null,
  };
}

// The same for a list that the server searches and gives part by part; all items are live.
export function listOf<T>(
  { page, busy, readMore }: Pages<T>,
  wanted: string,
  setWanted: (text: string) => void,
): List<T> {
  const { rows, next, examined } = page ?? { rows: [], next: null, examined: 0 };
  return {
    shown: rows,
    matching: next === null ? rows.length : null,
    total: examined,
    endedCount: 0,
    wanted,
    setWanted,
    withEnded: false,
    setWithEnded: () => {},
    more: next === null ? null : { label: "Show more", busy, show: readMore },
  };
}

// Shown only where there is something to look through.
export function ListControls<T>({ list, noun, ended }: { list: List<T>; noun: string; ended: string }) {
  const searchable = list.total > 8 || list.wanted !== "";
  if (!searchable && list.endedCount === 0) {
    return null;
  }
  return (
    <div className="list-controls">
      {searchable ? (
        <input
          type="search"
          className="input"
          aria-label={`Find among ${noun}s`}
          placeholder={`Find among ${noun}s`}
          maxLength={200}
          value={list.wanted}
          onChange={(event) => list.setWanted(event.target.value)}
        />
      ) : null}
      {list.endedCount > 0 ? (
        <label className="check">
          <input
            type="checkbox"
            checked={list.withEnded}
            onChange={(event) => list.setWithEnded(event.target.checked)}
          />
          Show {ended} ({formatCount(list.endedCount)})
        </label>
      ) : null}
    </div>
  );
}

export function ListFoot<T>({ list, noun }: { list: List<T>; noun: string }) {
  const { shown, matching, more } = list;
  const counted = (count: number) => `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`;
  return (
    <div className="table-foot small">
      <span role="status" tabIndex={-1}>
        {matching === null
          ? `${counted(shown.length)}, and more`
          : matching === 0
            ? `No ${noun}s to show`
            : more
              ? `${formatCount(shown.length)} of ${counted(matching)}`
              : counted(matching)}
      </span>
      {more ? (
        <WorkButton type="button" className="small" busy={more.busy} onClick={more.show}>
          {more.label}
        </WorkButton>
      ) : null}
    </div>
  );
}
