import { useMemo, useState } from "react";

import { formatCount } from "../common/format";

// So many rows more are shown at a time: a thousand at once would make the page slow.
const step = 50;

export interface List<T> {
  shown: T[];
  matching: number;
  total: number;
  endedCount: number;
  wanted: string;
  setWanted: (text: string) => void;
  withEnded: boolean;
  setWithEnded: (on: boolean) => void;
  showMore: () => void;
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
    showMore: () => setLimit(limit + step),
  };
}

// Shown only where there is something to look through.
export function ListControls<T>({ list, noun, ended }: { list: List<T>; noun: string; ended: string }) {
  const searchable = list.total > 8;
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
  const { shown, matching } = list;
  const left = matching - shown.length;
  const counted = `${formatCount(matching)} ${matching === 1 ? noun : `${noun}s`}`;
  return (
    <div className="table-foot small">
      <span role="status">
        {matching === 0
          ? `No ${noun}s to show`
          : left > 0
            ? `${formatCount(shown.length)} of ${counted}`
            : counted}
      </span>
      {left > 0 ? (
        <button type="button" className="button small" onClick={list.showMore}>
          Show {Math.min(step, left)} more
        </button>
      ) : null}
    </div>
  );
}
