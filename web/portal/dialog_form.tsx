import { useState, type FormEvent, type ReactNode } from "react";

import { asFailure, type Failure } from "../common/api";
import { Dialog, FailureNotice, WorkButton } from "../common/ui";

interface FormProps {
  action: string;
  dangerous?: boolean;
  children: ReactNode;
  onClose: () => void;
  // What is wrong with the input, if anything is.
  check?: () => string | null;
  // Does it. A failure is shown, and the form stays as it is.
  run: () => Promise<void>;
}

// The fields of a dialog and its two buttons.
export function DialogForm({ action, dangerous, children, onClose, check, run }: FormProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    const problem = check?.() ?? null;
    setWrong(problem);
    if (problem) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await run();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <div className="dialog-body">
        {children}
        {wrong ? (
          <p className="field-error" role="alert">
            {wrong}
          </p>
        ) : null}
        {failure ? <FailureNotice failure={failure} /> : null}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose} disabled={busy}>
          Cancel
        </button>
        <WorkButton busy={busy} className={dangerous ? "danger primary" : "primary"}>
          {action}
        </WorkButton>
      </div>
    </form>
  );
}

// A dialog with what exists nowhere else: it is left by its button alone, not by Escape.
export function Once({
  title,
  what,
  children,
  onClose,
}: {
  title: string;
  what: string;
  children: ReactNode;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose} locked>
      <div className="dialog-body">
        <div className="notice warn" role="alert">
          <strong>Copy the {what} now.</strong>
          <span>It is shown this once. The server keeps no copy that anyone could read.</span>
        </div>
        {children}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={onClose}>
          I have kept the {what}
        </button>
      </div>
    </Dialog>
  );
}
