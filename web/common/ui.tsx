import {
  createContext,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  type ReactNode,
} from "react";

import { type Failure } from "./api";
import { formatAgo, formatTime } from "./format";

export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      Loading {what} …
    </div>
  );
}

// What happened, what to do, and a button to do it where trying again can help.
export function FailureNotice({ failure, retry }: { failure: Failure; retry?: () => void }) {
  return (
    <div className="notice danger" role="alert">
      <strong>{failure.message}</strong>
      <span>
        {failure.advice}
        {failure.requestId ? (
          <>
            {" "}
            Request id: <code>{failure.requestId}</code>
          </>
        ) : null}
      </span>
      {retry ? (
        <div className="button-row">
          <button type="button" className="button small" onClick={retry}>
            Try again
          </button>
        </div>
      ) : null}
    </div>
  );
}

export function Time({ value }: { value: string }) {
  return (
    <time dateTime={value} title={formatTime(value)}>
      {formatAgo(value)}
    </time>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") {
      return;
    }
    const timer = setTimeout(() => setState("idle"), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
  };
  const word = { idle: "Copy", copied: "Copied", failed: "Select and copy" }[state];
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={state === "idle" ? label : word}
        onClick={copy}
      >
        {word}
      </button>
      <span className="visually-hidden" role="status">
        {state === "copied" ? "Copied to the clipboard." : ""}
      </span>
    </>
  );
}

// Text to be copied whole: a secret, a command.
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="code-block">
      <pre tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy ${label}`} />
    </div>
  );
}

interface DialogProps {
  title: string;
  intro?: ReactNode;
  children: ReactNode;
  // Called when the dialog has been left, by Escape too. Not called while `locked` or held.
  onClose: () => void;
  locked?: boolean;
}

const DialogHold = createContext<(held: boolean) => void>(() => {});

// Keeps the dialog around the component open while `held`: what was asked for is under way, and its
// result would be shown to no one.
export function useHeldDialog(held: boolean): void {
  const hold = useContext(DialogHold);
  useEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);
}

// A modal dialog that is open for as long as it is rendered.
export function Dialog({ title, intro, children, onClose, locked = false }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [held, setHeld] = useState(false);
  const stays = locked || held;
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!stays) {
          onClose();
        }
      }}
      onClose={() => {
        // Where Escape comes twice a browser closes the dialog without asking.
        if (element.current && stays) {
          element.current.showModal();
        } else if (element.current) {
          onClose();
        }
      }}
    >
      <div className="dialog-head">
        <h2 id={heading}>{title}</h2>
        {intro ? <p>{intro}</p> : null}
      </div>
      <DialogHold value={setHeld}>{children}</DialogHold>
    </dialog>
  );
}

// A button that shows that its work is under way.
export function WorkButton({
  busy,
  className,
  children,
  type = "submit",
  onClick,
}: {
  busy: boolean;
  className: string;
  children: ReactNode;
  type?: "submit" | "button";
  onClick?: () => void;
}) {
  return (
    <button
      type={type}
      className={`button ${className}`}
      aria-disabled={busy}
      onClick={busy ? undefined : onClick}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}

// Text that people wrote: it keeps its own direction and breaks where it must.
export function UserText({ text }: { text: string }) {
  return (
    <bdi className="user-text" dir="auto">
      {text}
    </bdi>
  );
}
