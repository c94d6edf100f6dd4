import { useEffect, useRef, type FocusEvent, type ReactNode } from "react";

import { formatTime } from "../common/format";
import { Time, UserText } from "../common/ui";
import { ListControls, ListFoot, type List } from "./list";

interface Props<T> {
  id: string;
  title: string;
  intro: string;
  list: List<T>;
  noun: string;
  // What the items are called that are left out unless they are asked for.
  ended: string;
  // Without it there is no button to make one.
  onCreate?: () => void;
  columns: string[];
  row: (item: T) => ReactNode;
  // Shown instead of a list without items.
  empty: ReactNode;
  // The dialog that is open, if any is.
  children: ReactNode;
}

// What people make and end on the portal: a card with a button to make one, where they can, and a
// table of them, in which the last column is for what can be done with each.
export function ListSection<T>(props: Props<T>) {
  const { id, title, intro, list, noun, ended, onCreate, columns, row, empty, children } = props;
  const titleId = `${id}-title`;
  const { heading, ...watched } = useKeptFocus();
  return (
    <section id={id} className="card" aria-labelledby={titleId} {...watched}>
      <div className="card-head">
        <div>
          <h2 id={titleId} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <p>{intro}</p>
        </div>
        {onCreate ? (
          <button type="button" className="button primary" onClick={onCreate}>
            Create {noun}
          </button>
        ) : null}
      </div>
      {list.total === 0 ? (
        <div className="empty">{empty}</div>
      ) : (
        <>
          <ListControls list={list} noun={noun} ended={ended} />
          <div className="table-wrap">
            <table className="table stack">
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>{list.shown.map(row)}</tbody>
            </table>
          </div>
          <ListFoot list={list} noun={noun} />
        </>
      )}
      {children}
    </section>
  );
}

// Gives the focus to the heading when what had it has left the list, as a revoked row's button does,
// or to the count below the list where it was there: the keyboard would else begin again at the top
// of the page. What is in view stays there.
function useKeptFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const focused = useRef<Element | null>(null);
  const foot = useRef<Element | null>(null); // that what has the focus is in
  useEffect(() => {
    if (focused.current?.isConnected === false) {
      focused.current = null;
      if (document.activeElement === document.body) {
        const count = foot.current?.querySelector<HTMLElement>("[role=status]");
        (count ?? heading.current)?.focus({ preventScroll: true });
      }
    }
  });
  const onFocus = (event: FocusEvent) => {
    focused.current = event.target;
    foot.current = event.target.closest(".table-foot");
  };
  // Not called for what is taken away.
  const onBlur = () => {
    focused.current = null;
  };
  return { heading, onFocus, onBlur };
}

// The description of the item, as it was entered; below it what tells it from others.
export function NameCell({
  column,
  description,
  children,
}: {
  column: string;
  description: string;
  children: ReactNode;
}) {
  return (
    <td data-label={column}>
      <div className="row-name">
        {description ? (
          <UserText text={description} />
        ) : (
          <span className="muted">No description</span>
        )}
      </div>
      {children}
    </td>
  );
}

export function TimeCell({ column, value }: { column: string; value: string | null }) {
  return (
    <td data-label={column}>
      {value ? <Time value={value} /> : <span className="muted">Never</span>}
    </td>
  );
}

// When something ends: how long it is until then, and the exact time.
export function ExpiryCell({ value }: { value: string | null }) {
  return (
    <td data-label="Expires">
      {value ? (
        <>
          <Time value={value} />
          <div className="small muted">{formatTime(value)}</div>
        </>
      ) : (
        <span className="muted">Never</span>
      )}
    </td>
  );
}

export function RevokeButton({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="button small danger"
      onClick={onClick}
      aria-label={`Revoke ${name}`}
    >
      Revoke
    </button>
  );
}
